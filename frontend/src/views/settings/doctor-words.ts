// What the doctor says: loaded with it, not with the page.
import type { Words } from "../../platform/locale";

const en = {
  "title": "Connection doctor",
  "hint": "Tries every way of connecting from this browser, through whatever stands before the server. It takes about {seconds} seconds; nothing is changed.",
  "start": "Examine the connection",
  "working": "Examining…",
  "waiting": "Trying…",
  "way.websocket": "WebSocket",
  "way.longpoll": "Held requests (long poll)",
  "way.poll": "Plain requests (poll)",
  "good": "Works; the answer took {ms} ms.",
  "refused": "Refused after {seconds} s.",
  "cut": "Cut after {seconds} s.",
  "silent": "Opened, but nothing came through in {seconds} s: something holds the frames back.",
  "late": "The answer came only after {seconds} s: something holds it back.",
  "healthy": "Everything works here. Messages come by the quickest way.",
  "unreachable": "Even plain requests do not get through: the server or the network is away. No proxy setting helps there.",
  "remedies": "For the configuration of the proxy",
  "ailment.upgrade": "The upgrade to WebSocket does not get through. Pass it on:",
  "ailment.timeout": "Lines that are quiet are cut too early. Hold them for 75 seconds:",
  "ailment.buffering": "Answers are held back. Pass them on at once:",
  "copy": "Copy a report",
  "used": "In use: {manner}",
};

export type DoctorWord = keyof typeof en;

const ko: Record<DoctorWord, string> = {
  "title": "연결 진단",
  "hint": "이 브라우저에서 서버 앞에 있는 것을 거쳐 모든 연결 방법을 시험해요. {seconds}초쯤 걸리고, 바뀌는 것은 없어요.",
  "start": "연결 진단하기",
  "working": "진단하는 중…",
  "waiting": "시험하는 중…",
  "way.websocket": "WebSocket",
  "way.longpoll": "대기 요청 (롱 폴링)",
  "way.poll": "일반 요청 (폴링)",
  "good": "잘 돼요. 응답까지 {ms}ms 걸렸어요.",
  "refused": "{seconds}초 만에 거절됐어요.",
  "cut": "{seconds}초 뒤에 끊겼어요.",
  "silent": "열렸지만 {seconds}초 동안 아무것도 오지 않았어요. 중간에서 붙잡고 있어요.",
  "late": "{seconds}초나 지나서야 응답이 왔어요. 중간에서 붙잡고 있어요.",
  "healthy": "모두 잘 돼요. 가장 빠른 방법으로 메시지를 받고 있어요.",
  "unreachable": "일반 요청도 통하지 않아요. 서버나 네트워크에 닿지 않는 상태라, 프록시 설정으로는 고칠 수 없어요.",
  "remedies": "프록시 설정에 넣을 내용",
  "ailment.upgrade": "WebSocket 업그레이드가 전달되지 않아요. 이렇게 전달해 주세요:",
  "ailment.timeout": "조용한 연결이 너무 빨리 끊겨요. 75초 동안 유지해 주세요:",
  "ailment.buffering": "응답이 중간에 붙잡혀 있어요. 바로 전달해 주세요:",
  "copy": "진단 결과 복사",
  "used": "사용 중: {manner}",
};

export const DOCTOR: Words<DoctorWord> = { en, ko };
