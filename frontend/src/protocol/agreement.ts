// Fails to compile when the page's types and the server's part ways. Types only: nothing of it is in the built page.
import type * as page from "./types";
import type * as server from "./generated";

/** As it is sent: the server leaves an optional field out rather than writing null. */
type Sent<T> = { [K in keyof T]: object extends Pick<T, K> ? Exclude<T[K], null> : T[K] };

/** As it is written: JSON leaves out what is undefined. */
type Written<T> = { [K in keyof T]: object extends Pick<T, K> ? Exclude<T[K], undefined> : T[K] };

/** The page can read all that the server sends. */
type Reads<Page, Server extends Page> = [Page, Server];
/** The server takes all that the page sends. */
type Takes<Server, Page extends Server> = [Server, Page];

type Frame<T extends page.ServerFrame["type"]> = Extract<page.ServerFrame, { type: T }>;
type Said<T extends page.ClientFrame["type"]> = Written<Extract<page.ClientFrame, { type: T }>>;

export type People = [
  Reads<page.User, Sent<server.User>>,
  Reads<page.Session, Sent<server.Session>>,
  Reads<page.Invite, Sent<server.Invite>>,
  Reads<page.Problem, Sent<server.Problem>>,
  Reads<page.ServerEntry, Sent<server.ServerEntry>>,
  Reads<page.ServerList, Sent<server.ServersAnswer>>,
];

export type Conversation = [
  Reads<page.Channel, Sent<server.Channel>>,
  Reads<page.Member, Sent<server.Member>>,
  Reads<page.MessageEvent, Sent<server.MessageEvent>>,
  Reads<page.EditEvent, Sent<server.EditEvent>>,
  Reads<page.DeleteEvent, Sent<server.DeleteEvent>>,
  Reads<page.JoinEvent, Sent<server.JoinEvent>>,
  Reads<page.LeaveEvent, Sent<server.LeaveEvent>>,
  Reads<page.RoleEvent, Sent<server.RoleEvent>>,
  Reads<page.ChannelEvent, Sent<server.ChannelEvent>>,
  Reads<page.ReadEvent, Sent<server.ReadEvent>>,
  Reads<page.ContactEvent, Sent<server.ContactEvent>>,
  Reads<page.SettingsEvent, Sent<server.SettingsEvent>>,
];

export type Frames = [
  Reads<Omit<Frame<"welcome">, "heads">, Sent<server.Welcome>>,
  Reads<Frame<"heartbeat">, Sent<server.Beat>>,
  Reads<Frame<"live">, Sent<server.Live>>,
  Reads<Frame<"error">, Sent<server.Error>>,
  Reads<Frame<"presence">, Sent<server.Presences>>,
  Reads<Frame<"receipt">, Sent<server.Receipt>>,
  Reads<Frame<"presence">, Sent<server.Presences>>,
  Reads<Frame<"user">, Sent<server.UserChanged>>,
  Reads<Frame<"bye">, Sent<server.Bye>>,
  Takes<server.Hello, Said<"hello">>,
  Takes<server.Send, Said<"send">>,
  Takes<server.Edit, Said<"edit">>,
  Takes<server.Delete, Said<"delete">>,
  Takes<server.Read, Said<"read">>,
  Takes<server.Ack, Said<"ack">>,
  Reads<Frame<"typing">, Sent<server.Writing>>,
  Takes<server.Typing, Said<"typing">>,
  Takes<server.Heartbeat, Said<"heartbeat">>,
];
