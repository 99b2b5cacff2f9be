// Starting a conversation: with one person in private, or with several as a group.
import { useState } from "preact/hooks";
import type { User } from "../protocol/types";
import { Avatar } from "./avatar";
import { useChat, useHome, useLanguage } from "./context";
import { LATER } from "./later-words";
import { CloseIcon } from "./icons";
import { PaneHeader } from "./pane-header";
import { PeopleSearch } from "./people-search";
import { wordsForError } from "./problem";

export function NewConversation() {
  const home = useHome();
  const chat = useChat();
  const language = useLanguage(LATER);
  const [chosen, setChosen] = useState<User[]>([]);
  const [named, setNamed] = useState("");
  const [asGroup, setAsGroup] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const group = chosen.length > 1 || asGroup;

  const open = () => {
    const ids = chosen.map((user) => user.id);
    const name = named.trim() || chosen.map((user) => user.display_name).join(", ").slice(0, 80);
    const opening = group ? chat.openGroup(name, ids) : chat.openDirect(ids[0]!);
    opening.then((id) => home.route.go({ screen: "channel", id, details: false }), setError);
  };

  return (
    <main class="sheet pane">
      <PaneHeader title={language.text("new.title")} />
      <form
        class="pane-body"
        onSubmit={(event) => {
          event.preventDefault();
          if (chosen.length > 0) open();
        }}
      >
        <p class="quiet">{language.text("new.hint")}</p>
        {chosen.length > 0 && (
          <ul class="chips" aria-label={language.text("new.chosen")}>
            {chosen.map((user) => (
              <li key={user.id}>
                <Avatar name={user.display_name} size="small" />
                <bdi>{user.display_name}</bdi>
                <button
                  type="button"
                  class="icon-button"
                  aria-label={language.text("new.remove", { name: user.display_name })}
                  onClick={() => setChosen(chosen.filter((other) => other.id !== user.id))}
                >
                  <CloseIcon size={14} />
                </button>
              </li>
            ))}
          </ul>
        )}
        {chosen.length === 1 && (
          <label class="check">
            <input type="checkbox" checked={asGroup} onChange={(event) => setAsGroup(event.currentTarget.checked)} />
            {language.text("new.as_group")}
          </label>
        )}
        {group && chosen.length > 0 && (
          <div class="field">
            <label for="group-name">{language.text("new.group_name")}</label>
            <input
              id="group-name"
              value={named}
              maxLength={80}
              autocomplete="off"
              onInput={(event) => setNamed(event.currentTarget.value)}
            />
          </div>
        )}
        {chosen.length > 0 && (
          <button class="primary">{language.text(group ? "new.create" : "new.open")}</button>
        )}
        <p class="why" role="alert">
          {error ? wordsForError(language, error) : null}
        </p>
        <PeopleSearch
          autofocus
          label={language.text("new.search")}
          without={new Set(chosen.map((user) => user.id))}
          action={(user) => (
            <button
              type="button"
              class="secondary cover"
              aria-label={`${language.text("contacts.add")} ${user.display_name}`}
              onClick={() => setChosen([...chosen, user])}
            >
              {language.text("contacts.add")}
            </button>
          )}
        />
      </form>
    </main>
  );
}
