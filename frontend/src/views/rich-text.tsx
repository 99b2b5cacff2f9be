// A message's text as it is drawn: tokens become nodes, and nothing ever becomes HTML.
import type { ComponentChildren } from "preact";
import { isOnlyEmoji } from "../text/only-emoji";
import { hostOf } from "../text/addresses";
import { whoIsMeant } from "../text/mentions";
import type { Block, Inline, ListItem } from "../text/tokens";
import { CodeBlock } from "./code-block";
import { useChat, useLanguage } from "./context";
import { Spoiler } from "./spoiler";

/** `after` stands behind the last word. */
export function RichText({ text, after }: { text: string; after?: ComponentChildren }) {
  const blocks = useChat().readings.read(text);
  const [only] = blocks;
  const lone = blocks.length === 1 && only?.kind === "paragraph";
  const big = lone && isOnlyEmoji(text);
  return (
    <div class={big ? "text big" : "text"} dir="auto">
      {lone ? <Inlines of={only.children} /> : blocks.map((block, index) => <BlockView key={index} block={block} />)}
      {after}
    </div>
  );
}

function BlockView({ block }: { block: Block }) {
  switch (block.kind) {
    case "paragraph":
      return (
        <p dir="auto">
          <Inlines of={block.children} />
        </p>
      );
    case "quote":
      return <blockquote>{block.blocks.map((one, index) => <BlockView key={index} block={one} />)}</blockquote>;
    case "list":
      return <ListView items={block.items} />;
    case "fence":
      return <CodeBlock language={block.language} text={block.text} />;
  }
}

function ListView({ items }: { items: readonly ListItem[] }) {
  const List = items[0]?.number === null ? "ul" : "ol";
  return (
    <List>
      {items.map((item, index) => (
        <li key={index} value={item.number ?? undefined} dir="auto">
          <Inlines of={item.children} />
          {item.nested.map((block, at) => (
            <BlockView key={at} block={block} />
          ))}
        </li>
      ))}
    </List>
  );
}

function Inlines({ of }: { of: readonly Inline[] }) {
  return <>{of.map(drawInline)}</>;
}

function drawInline(inline: Inline, key: number): ComponentChildren {
  switch (inline.kind) {
    case "text":
      return inline.text;
    case "bold":
      return <strong key={key}>{inline.children.map(drawInline)}</strong>;
    case "italic":
      return <em key={key}>{inline.children.map(drawInline)}</em>;
    case "strike":
      return <s key={key}>{inline.children.map(drawInline)}</s>;
    case "code":
      return <code key={key}>{inline.text}</code>;
    case "spoiler":
      return <Spoiler key={key}>{inline.children.map(drawInline)}</Spoiler>;
    case "link":
      return <Link key={key} address={inline.address} label={inline.children} />;
    case "mention":
      return <Mention key={key} name={inline.name} />;
  }
}

/** Where a label says something else than the address, the host is said too. */
function Link({ address, label }: { address: string; label: Inline[] | null }) {
  return (
    <>
      <a href={address} target="_blank" rel="noopener noreferrer nofollow">
        {label ? label.map(drawInline) : address}
      </a>
      {label && <span class="host"> ({hostOf(address)})</span>}
    </>
  );
}

function Mention({ name }: { name: string }) {
  const chat = useChat();
  const language = useLanguage();
  const meant = whoIsMeant(name, chat.byUsername.value);
  if (!meant) return <>@{name}</>;
  const { person, rest } = meant;
  const me = person.id === chat.me.value.id;
  return (
    <>
      <span class={me ? "mention me" : "mention"} title={`@${person.username}`}>
        <bdi>@{person.display_name}</bdi>
        {me && <span class="visually-hidden"> {language.text("common.you")}</span>}
      </span>
      {rest}
    </>
  );
}
