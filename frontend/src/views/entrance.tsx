// Where people come in.
export function Entrance() {
  return <main>Maru</main>;
}
