// What the buttons, the preview and the emoji picker say: loaded with them, not with the page.
import type { Words } from "../../platform/locale";

const en = {
  bold: "Bold",
  italic: "Italic",
  strike: "Strikethrough",
  code: "Code",
  quote: "Quote",
  list: "List",
  link: "Link",
  spoiler: "Spoiler",
  preview: "Preview",
  previewEmpty: "What you write is shown here as others will see it.",
  completion: "Suggestions",
  search: "Search emoji",
  none: "No emoji found",
  found: "Found",
  recent: "Recently used",
  groups: "Groups",
  tone: "Skin tone {step} of 6",
  smileys: "Smileys and feelings",
  people: "People",
  nature: "Animals and nature",
  food: "Food and drink",
  travel: "Travel and places",
  activities: "Activities",
  objects: "Objects",
  symbols: "Symbols",
  flags: "Flags",
};

export type WritingWord = keyof typeof en;

const ko: Record<WritingWord, string> = {
  bold: "굵게",
  italic: "기울임",
  strike: "취소선",
  code: "코드",
  quote: "인용",
  list: "목록",
  link: "링크",
  spoiler: "가리기",
  preview: "미리 보기",
  previewEmpty: "쓰는 글이 다른 사람에게 어떻게 보일지 여기에 나와요.",
  completion: "추천",
  search: "이모지 찾기",
  none: "찾은 이모지가 없어요",
  found: "찾은 이모지",
  recent: "최근에 쓴 이모지",
  groups: "갈래",
  tone: "피부색 6가지 중 {step}번째",
  smileys: "표정과 감정",
  people: "사람",
  nature: "동물과 자연",
  food: "음식",
  travel: "여행과 장소",
  activities: "활동",
  objects: "물건",
  symbols: "기호",
  flags: "깃발",
};

export const WORDS: Words<WritingWord> = { en, ko };
