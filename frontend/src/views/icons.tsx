// Line icons, drawn with the colour of the text around them.
import type { ComponentChildren } from "preact";

interface IconProps {
  size?: number;
}

export function icon(children: ComponentChildren) {
  return function Icon({ size = 20 }: IconProps) {
    return (
      <svg class="icon" width={size} height={size} viewBox="0 0 24 24" aria-hidden="true" focusable="false">
        {children}
      </svg>
    );
  };
}

export const PlusIcon = icon(<path d="M12 5v14M5 12h14" />);
export const BackIcon = icon(<path d="m15 5-7 7 7 7" />);
export const CloseIcon = icon(<path d="m6 6 12 12M18 6 6 18" />);
export const SendIcon = icon(<path d="M5 12h13m-6-6 6 6-6 6" />);
export const PeopleIcon = icon(
  <path d="M9 11a3.5 3.5 0 1 0 0-7 3.5 3.5 0 0 0 0 7Zm-6 9c0-3.5 2.5-6 6-6s6 2.5 6 6M16 4.5a3.5 3.5 0 0 1 0 6M18 14.5c2 .8 3 2.8 3 5.5" />,
);
export const SettingsIcon = icon(
  <path d="M4 7h9m4 0h3M4 17h3m4 0h9M15 4.5a2.5 2.5 0 1 0 0 5 2.5 2.5 0 0 0 0-5Zm-6 10a2.5 2.5 0 1 0 0 5 2.5 2.5 0 0 0 0-5Z" />,
);
export const DetailsIcon = icon(<path d="M12 11v6m0-10v.01M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18Z" />);
export const SearchIcon = icon(<path d="m20 20-4.5-4.5M10.5 18a7.5 7.5 0 1 0 0-15 7.5 7.5 0 0 0 0 15Z" />);
export const EditIcon = icon(<path d="m4 20 1-4L16 5l3 3L8 19l-4 1Z" />);
export const DeleteIcon = icon(<path d="M5 7h14M10 7V4h4v3m-7 0 1 13h8l1-13" />);
export const CopyIcon = icon(<path d="M9 9h11v11H9zM5 15H4V4h11v1" />);
export const DownIcon = icon(<path d="m6 10 6 6 6-6" />);
export const ShareIcon = icon(<path d="M12 15V4m-4 4 4-4 4 4M8 11H6v9h12v-9h-2" />);
export const ClockIcon = icon(<path d="M12 8v4.5l3 1.5m-3 7a9 9 0 1 0 0-18 9 9 0 0 0 0 18Z" />);
export const CheckIcon = icon(<path d="m5 13 4.5 4.5L19 7" />);
export const ChecksIcon = icon(<path d="m2 13 4.5 4.5L15 8m-4.5 8.5 1 1L21 7.500" />);
export const WarningIcon = icon(<path d="M12 4 2.500 20h19L12 4Zm0 6v4.500m0 2.500v.01" />);

export const MoreIcon = icon(<path d="M12 5v.01M12 12v.01M12 19v.01" stroke-width="3" />);
export const CalendarIcon = icon(<path d="M4 6h16v14H4zM4 10.500h16M8 3v4m8-4v4" />);
export const BellIcon = icon(<path d="M6 17V11a6 6 0 0 1 12 0v6l1.500 1.500h-15L6 17Zm4.500 3.500h3" />);
export const MutedIcon = icon(<path d="M6 17V11a6 6 0 0 1 9.500-4.900M18 11v6l1.500 1.500h-15L6 17m4.500 3.500h3M4 4l16 16" />);
export const LinkIcon = icon(
  <path d="M10 14a4 4 0 0 0 6 .5l3-3a4 4 0 0 0-5.600-5.600l-1.400 1.300M14 10a4 4 0 0 0-6-.5l-3 3a4 4 0 0 0 5.600 5.600l1.400-1.300" />,
);
export const LettersIcon = icon(<path d="m3 18 5-12 5 12M5 14h6m10 4v-8m0 4a3 4 0 1 1-6 0 3 4 0 0 1 6 0Z" />);
export const SmileIcon = icon(
  <path d="M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18Zm-4-7c1 1.800 2.500 2.500 4 2.500s3-.7 4-2.500M9 9.500v.01m6-.01v.01" />,
);

/** The house sign: a hall's roof over its floor. */
export function MaruSign({ size = 32 }: IconProps) {
  return (
    <svg class="sign" width={size} height={size} viewBox="0 0 64 64" aria-hidden="true" focusable="false">
      <path d="M8 28 32 14l24 14M15 30v16m17-16v16m17-16v16M9 50h46" />
    </svg>
  );
}

/** A quiet hall with two cushions: nobody has spoken yet. */
export function QuietHall() {
  return (
    <svg class="drawing" width="180" height="120" viewBox="0 0 180 120" aria-hidden="true" focusable="false">
      <path d="M14 46 90 14l76 32M30 42v50m120-50v50M14 92h152M8 100h164" />
      <path d="M52 88c0-7 9-9 18-9s18 2 18 9-9 6-18 6-18 1-18-6Zm46 0c0-7 8-9 16-9s17 2 17 9-8 6-16 6-17 1-17-6Z" />
      <path class="accent" d="M90 30v14m-7 0h14l-3 12h-8l-3-12Z" />
    </svg>
  );
}

/** A path to a gate: choose where to go. */
export function OpenGate() {
  return (
    <svg class="drawing" width="180" height="120" viewBox="0 0 180 120" aria-hidden="true" focusable="false">
      <path d="M36 40c18-4 36-8 54-18 18 10 36 14 54 18M50 40v58m80-58v58M50 56h80M20 98h140" />
      <path d="M62 56v42l18-8V60m38-4v42l-18-8V60" />
      <path class="accent" d="M84 112c0-6 4-10 6-14m10 14c-2-5-4-9-4-14" />
    </svg>
  );
}

/** A lantern seen from afar: somebody to find. */
export function Lantern() {
  return (
    <svg class="drawing" width="180" height="120" viewBox="0 0 180 120" aria-hidden="true" focusable="false">
      <path d="M90 8v18M74 26h32m-36 10c0-6 8-10 20-10s20 4 20 10v34c0 6-8 10-20 10s-20-4-20-10V36Zm8-6v46m24-46v46M78 80h24M90 82v16" />
      <path class="accent" d="M90 46c5 6 6 9 6 12a6 6 0 0 1-12 0c0-3 1-6 6-12Z" />
    </svg>
  );
}
