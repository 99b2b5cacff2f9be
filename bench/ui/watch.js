// Runs in the page before anything of it: tells when something is on the screen, on the page's own clock.
// What is awaited is found by a MutationObserver, that is before the frame that shows it; its time is that frame's end.
(() => {
  const heard = { keydown: 0, click: 0 };
  for (const name of Object.keys(heard)) {
    addEventListener(name, (event) => (heard[name] = event.timeStamp), { capture: true });
  }

  /** After the next frame was drawn. */
  const drawn = () =>
    new Promise((resolve) =>
      requestAnimationFrame(() => {
        const { port1, port2 } = new MessageChannel();
        port1.onmessage = () => resolve(performance.now());
        port2.postMessage(null);
      }),
    );

  /** When an added element that passes `test` is on the screen. */
  const added = (test) =>
    new Promise((resolve) => {
      const observer = new MutationObserver((records) => {
        const nodes = records.flatMap((record) => [...record.addedNodes]);
        if (!nodes.some((node) => node instanceof Element && test(node))) return;
        observer.disconnect();
        resolve(drawn());
      });
      observer.observe(document, { childList: true, subtree: true });
    });

  const holdsMessage = (node) => node.matches(".message") || node.querySelector(".message") !== null;

  window.watch = {
    firstMessage: added(holdsMessage),
    /** Milliseconds from pressing a key or clicking to the frame that shows it. */
    after: async (name, showing) => (await showing) - heard[name],
    text: (text) => added((node) => node.textContent.includes(text)),
    message: () => added(holdsMessage),
    keydowns: [],
    largest: 0,
    shift: 0,
  };
  const observe = (type, each, options) =>
    new PerformanceObserver((list) => list.getEntries().forEach(each)).observe({ type, buffered: true, ...options });
  observe("event", (entry) => entry.name === "keydown" && window.watch.keydowns.push(entry.duration), {
    durationThreshold: 16,
  });
  observe("largest-contentful-paint", (entry) => (window.watch.largest = entry.startTime));
  observe("layout-shift", (entry) => !entry.hadRecentInput && (window.watch.shift += entry.value));
})();
