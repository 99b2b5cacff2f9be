// Small settings of this browser (localStorage), which may be refused: then they last as long as the page.

const PREFIX = "maru.";
const unstored = new Map<string, string>();

export function readSetting(name: string): string | null {
  try {
    return localStorage.getItem(PREFIX + name) ?? unstored.get(name) ?? null;
  } catch {
    return unstored.get(name) ?? null; // storage is switched off
  }
}

export function writeSetting(name: string, value: string | null): void {
  try {
    if (value === null) localStorage.removeItem(PREFIX + name);
    else localStorage.setItem(PREFIX + name, value);
    unstored.delete(name);
  } catch {
    if (value === null) unstored.delete(name);
    else unstored.set(name, value);
  }
}
