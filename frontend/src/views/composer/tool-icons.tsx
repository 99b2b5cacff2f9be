// Drawings of the formatting buttons.
import { icon } from "../icons";

export { LinkIcon } from "../icons";

export const BoldIcon = icon(<path d="M7 5h6a3.500 3.500 0 0 1 0 7H7Zm0 7h7a3.500 3.500 0 0 1 0 7H7Z" stroke-width="2.400" />);
export const ItalicIcon = icon(<path d="M10 5h7M7 19h7m0-14-4 14" />);
export const StrikeIcon = icon(<path d="M4 12h16M16.500 8c0-2-2-3-4.500-3S7.500 6 7.500 8s1.500 3 3 4m6 3.500c0 2.500-2 3.500-4.500 3.500S7 18 7 16" />);
export const CodeIcon = icon(<path d="m8 7-5 5 5 5m8-10 5 5-5 5" />);
export const QuoteIcon = icon(<path d="M5 5v14M10 8h9m-9 4h9m-9 4h6" />);
export const ListIcon = icon(<path d="M5 7v.01M5 12v.01M5 17v.01M9 7h10M9 12h10M9 17h10" />);
export const SpoilerIcon = icon(<path d="M4 4l16 16M9.500 6A9 9 0 0 1 21 12a14 14 0 0 1-2.500 3M6 7.500A14 14 0 0 0 3 12a9 9 0 0 0 12 5.500" />);
