// What is pasted or dropped: rich text becomes Markdown; files cannot be sent yet, which is said and loses nothing.
import type { RefObject } from "preact";
import { useState } from "preact/hooks";
import { insertHere } from "./field";

const FROM_EDITORS = "vscode-editor-data"; // its HTML only colours what the plain text says better

export function usePasting(field: RefObject<HTMLTextAreaElement | null>) {
  const [note, setNote] = useState(false);
  return {
    /** Somebody wanted to send a file. */
    note,
    forget: () => setNote(false),
    onPaste: (event: ClipboardEvent) => {
      const { clipboardData } = event;
      if (!clipboardData) return;
      const html = clipboardData.getData("text/html");
      const plain = clipboardData.getData("text/plain");
      const onlyFiles = clipboardData.files.length > 0 && !plain;
      setNote(onlyFiles);
      if (onlyFiles) return event.preventDefault();
      if (!html || clipboardData.types.includes(FROM_EDITORS)) return; // Ctrl+Shift+V brings no HTML
      event.preventDefault();
      void readable(html, plain).then((text) => field.current && insertHere(field.current, text));
    },
    onDragOver: (event: DragEvent) => {
      if (event.dataTransfer?.types.includes("Files")) event.preventDefault(); // or the page would be left for the file
    },
    onDrop: (event: DragEvent) => {
      if (!event.dataTransfer?.files.length) return;
      event.preventDefault();
      setNote(true);
    },
  };
}

async function readable(html: string, plain: string): Promise<string> {
  try {
    const { pastedText } = await import("./paste");
    return pastedText(html, plain);
  } catch {
    return plain; // offline, and never loaded
  }
}
