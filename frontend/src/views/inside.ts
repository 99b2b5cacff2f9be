// What those signed in need and the entrance does not: one file.
export { Chat } from "../state/chat";
export { Hall } from "./hall";
