// Enter under input methods, in the order in which each browser tells of it.
import { describe, expect, it } from "vitest";
import { Enter, type EnterKey } from "../src/views/composer/enter";

const plain: EnterKey = { key: "Enter", code: "Enter", keyCode: 13, isComposing: false, shiftKey: false };
const composing: EnterKey = { ...plain, keyCode: 229, isComposing: true };
const afterwards: EnterKey = { ...plain, keyCode: 229, isComposing: false }; // Safari's

function composed(text: string): Enter {
  const enter = new Enter();
  enter.compositionStart();
  enter.compositionUpdate(text);
  return enter;
}

describe("Enter in the middle of a Hangul syllable is done once, with the syllable", () => {
  it("in Chrome: the key, then the end of the composition", () => {
    const enter = composed("거");
    expect(enter.keyDown(composing)).toBe("after_composition");
    expect(enter.compositionEnd()).toBe(true);
  });
  it("in Chrome on macOS, which tells of the same key again", () => {
    const enter = composed("거");
    expect(enter.keyDown(composing)).toBe("after_composition");
    expect(enter.compositionEnd()).toBe(true);
    expect(enter.keyDown(plain)).toBe("already");
    enter.done();
    expect(enter.keyDown(plain)).toBe("now"); // the next message
  });
  it("on Windows, where the key is called Process", () => {
    expect(composed("거").keyDown({ ...composing, key: "Process" })).toBe("after_composition");
  });
  it("in Safari: the end of the composition, then the key", () => {
    const enter = composed("거");
    expect(enter.compositionEnd()).toBe(false);
    expect(enter.keyDown(afterwards)).toBe("now");
  });
});

describe("Enter that chooses a candidate does nothing else", () => {
  it.each(["にほんご", "ni'hao", "日本"])("%s", (text) => {
    expect(composed(text).keyDown(composing)).toBe("other");
    const safari = composed(text);
    expect(safari.compositionEnd()).toBe(false);
    expect(safari.keyDown(afterwards)).toBe("other");
    expect(safari.keyDown(plain)).toBe("now"); // and the next Enter sends
  });
});

it("leaves Shift+Enter and every other key alone", () => {
  const enter = new Enter();
  expect(enter.keyDown({ ...plain, shiftKey: true })).toBe("other");
  expect(enter.keyDown({ ...plain, key: "a", code: "KeyA" })).toBe("other");
  expect(enter.keyDown(plain)).toBe("now");
});
