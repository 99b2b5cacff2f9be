// A part of a page of settings, and how one of several is chosen there.
import type { ComponentChildren } from "preact";
import type { TextKey } from "../../platform/locale";
import { useLanguage } from "../context";
import { LATER, type LaterKey } from "../later-words";

interface SectionProps {
  title: TextKey | LaterKey;
  /** Called as its page is: where the page's head says so already, it is not shown again. */
  asPage?: boolean;
  children: ComponentChildren;
}

export function Section({ title, asPage = false, children }: SectionProps) {
  const language = useLanguage(LATER);
  return (
    <section class={asPage ? "as-page" : undefined}>
      <h2>{language.text(title)}</h2>
      {children}
    </section>
  );
}

interface ChoiceProps<T extends string> {
  name: string;
  label: string;
  chosen: T;
  options: [T, string][];
  onChoose: (option: T) => void;
}

export function Choice<T extends string>({ name, label, chosen, options, onChoose }: ChoiceProps<T>) {
  return (
    <div class="choice" role="radiogroup" aria-label={label}>
      {options.map(([option, text]) => (
        <label key={option}>
          <input type="radio" name={name} checked={option === chosen} onChange={() => onChoose(option)} />
          <span>{text}</span>
        </label>
      ))}
    </div>
  );
}
