// People to choose among, by what was typed of their names.
import { indexOfName } from "./hangul";

interface Person {
  username: string;
  id: string;
  display_name: string;
}

/** Those whose name or username the query begins or occurs in, nearest first; everybody for an empty one. */
export function candidates<P extends Person>(people: Iterable<P>, query: string, most: number): P[] {
  const found: { person: P; rank: number }[] = [];
  for (const person of people) {
    const rank = rankOf(person, query);
    if (rank >= 0) found.push({ person, rank });
  }
  const byName = (a: P, b: P) => a.display_name.localeCompare(b.display_name);
  found.sort((a, b) => a.rank - b.rank || byName(a.person, b.person));
  return found.slice(0, most).map(({ person }) => person);
}

function rankOf({ display_name, username }: Person, query: string): number {
  const places = [indexOfName(display_name, query), indexOfName(username, query)].filter((place) => place >= 0);
  return places.length === 0 ? -1 : Math.min(...places);
}
