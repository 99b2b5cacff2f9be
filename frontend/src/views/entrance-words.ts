// What the entrance says: loaded with it, not by those who are signed in.
import type { Words } from "../platform/locale";

const en = {
  "auth.signin": "Sign in",
  "auth.signup": "Create account",
  "auth.signin.title": "Welcome back",
  "auth.signup.title": "Make yourself at home",
  "auth.username": "Username",
  "auth.username.hint": "2–32 letters, digits, . _ -",
  "auth.password": "Password",
  "auth.password.hint": "At least 10 characters",
  "auth.display_name.hint": "As others see it",
  "auth.to_signup": "New here? Create an account",
  "auth.to_signin": "Have an account? Sign in",
  "auth.working": "One moment…",
  "auth.first": "You are the first here: this account will be the owner's.",
  "auth.invited": "You are invited. Choose a name and a password.",
  "auth.invited_by": "{name} invites you. Choose a name and a password.",
  "auth.invite_unknown": "This invitation is not valid any more. Ask for a new one.",
  "auth.ended": "Your session has ended. Sign in again; nothing you wrote is lost.",

  "problem.wrong_credentials": "That name and password do not go together.",
  "problem.signup_closed": "This server takes new people by invitation only.",
  "problem.name_taken": "Somebody already has this name.",
};

export type EntranceKey = keyof typeof en;

const ko: Record<EntranceKey, string> = {
  "auth.signin": "로그인",
  "auth.signup": "계정 만들기",
  "auth.signin.title": "다시 만나 반가워요",
  "auth.signup.title": "어서 오세요",
  "auth.username": "아이디",
  "auth.username.hint": "글자, 숫자, . _ - 2~32자",
  "auth.password": "비밀번호",
  "auth.password.hint": "10자 이상",
  "auth.display_name.hint": "다른 사람에게 보이는 이름",
  "auth.to_signup": "처음이신가요? 계정 만들기",
  "auth.to_signin": "계정이 있나요? 로그인",
  "auth.working": "잠시만요…",
  "auth.first": "가장 먼저 오셨네요. 지금 만드는 계정이 이곳의 주인이 돼요.",
  "auth.invited": "초대를 받으셨어요. 아이디와 비밀번호를 정해 주세요.",
  "auth.invited_by": "{name} 님이 초대했어요. 아이디와 비밀번호를 정해 주세요.",
  "auth.invite_unknown": "더 이상 쓸 수 없는 초대예요. 새 초대를 부탁해 보세요.",
  "auth.ended": "세션이 끝났어요. 다시 로그인해 주세요. 쓰던 글은 그대로 있어요.",

  "problem.wrong_credentials": "아이디와 비밀번호가 맞지 않아요.",
  "problem.signup_closed": "이 서버는 초대를 받아야 가입할 수 있어요.",
  "problem.name_taken": "이미 쓰고 있는 아이디예요.",
};

export const ENTRANCE: Words<EntranceKey> = { en, ko };
