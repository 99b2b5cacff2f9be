// Friends: who they are, who asks to be one, and who is blocked.
import { useEffect, useState } from "preact/hooks";
import type { ComponentChildren } from "preact";
import type { Contact, User } from "../protocol/types";
import { useChat, useHome, useLanguage } from "./context";
import { LATER, type LaterKey } from "./later-words";
import { Empty } from "./empty";
import { Lantern } from "./icons";
import { PaneHeader } from "./pane-header";
import { PeopleSearch, PersonItem } from "./people-search";
import { wordsForError } from "./problem";

export function Contacts() {
  const home = useHome();
  const language = useLanguage(LATER);
  const { contacts, attempt, error } = useContacts();
  const known = new Set(contacts?.map((contact) => contact.user.id));
  const only = (wanted: (contact: Contact) => boolean) => contacts?.filter(wanted) ?? [];
  const { rest } = home;
  return (
    <main class="sheet pane">
      <PaneHeader title={language.text("contacts.title")} />
      <div class="pane-body">
        <PeopleSearch
          label={language.text("new.search")}
          without={known}
          action={(user) => (
            <Action text="contacts.add" user={user} onClick={() => attempt(rest.addContact(user.id))} />
          )}
        />
        <p class="why" role="alert">
          {error ? wordsForError(language, error) : null}
        </p>
        {contacts?.length === 0 && <Empty drawing={<Lantern />} text={language.text("contacts.empty")} />}
        <Group
          title="contacts.requests"
          contacts={only((contact) => contact.state === "requested" && contact.incoming === true)}
          actions={({ user }) => (
            <>
              <Action
                text="contacts.accept"
                user={user}
                onClick={() => attempt(rest.changeContact(user.id, "accepted"))}
              />
              <Action text="contacts.decline" user={user} onClick={() => attempt(rest.removeContact(user.id))} />
            </>
          )}
        />
        <Group
          contacts={only((contact) => contact.state === "accepted")}
          actions={({ user }) => (
            <>
              <WriteTo user={user} />
              <Action text="contacts.block" user={user} onClick={() => attempt(rest.changeContact(user.id, "blocked"))} />
              <Action text="contacts.remove" user={user} onClick={() => attempt(rest.removeContact(user.id))} />
            </>
          )}
        />
        <Group
          title="contacts.asked"
          contacts={only((contact) => contact.state === "requested" && contact.incoming !== true)}
          actions={({ user }) => (
            <Action text="contacts.remove" user={user} onClick={() => attempt(rest.removeContact(user.id))} />
          )}
        />
        <Group
          title="contacts.blocked"
          contacts={only((contact) => contact.state === "blocked")}
          actions={({ user }) => (
            <Action text="contacts.unblock" user={user} onClick={() => attempt(rest.removeContact(user.id))} />
          )}
        />
      </div>
    </main>
  );
}

function useContacts() {
  const { rest } = useHome();
  const chat = useChat();
  const [contacts, setContacts] = useState<Contact[] | null>(null);
  const [error, setError] = useState<unknown>(null);
  const renew = () => rest.contacts().then(setContacts);
  const attempt = (work: Promise<unknown>) => {
    setError(null);
    work.then(renew).catch(setError);
  };
  const version = chat.contactsVersion.value;
  const live = chat.link.value.kind === "live";
  useEffect(() => attempt(Promise.resolve()), [version, live]);
  return { contacts, attempt, error };
}

interface GroupProps {
  title?: LaterKey;
  contacts: Contact[];
  actions: (contact: Contact) => ComponentChildren;
}

function Group({ title, contacts, actions }: GroupProps) {
  const language = useLanguage(LATER);
  if (contacts.length === 0) return null;
  return (
    <section>
      {title && <h2>{language.text(title)}</h2>}
      <ul class="people">
        {contacts.map((contact) => (
          <PersonItem key={contact.user.id} user={contact.user}>
            {actions(contact)}
          </PersonItem>
        ))}
      </ul>
    </section>
  );
}

function Action({ text, user, onClick }: { text: LaterKey; user: User; onClick: () => void }) {
  const language = useLanguage(LATER);
  return (
    <button
      type="button"
      class="secondary"
      aria-label={`${language.text(text)} ${user.display_name}`}
      onClick={onClick}
    >
      {language.text(text)}
    </button>
  );
}

function WriteTo({ user }: { user: User }) {
  const home = useHome();
  const chat = useChat();
  const open = () => chat.openDirect(user.id).then((id) => home.route.go({ screen: "channel", id, details: false }));
  return <Action text="contacts.write" user={user} onClick={() => void open()} />;
}
