// The connection doctor: what each way of connecting does from here, and what to change where one does not.
import { useEffect, useState } from "preact/hooks";
import { ailmentsOf, Doctor, PROXIES, REMEDIES, WAYS, type Finding, type Way } from "../../net/doctor";
import { systemClock } from "../../platform/clock";
import type { Language } from "../../platform/locale";
import { mannerOf } from "../connection-line";
import { useChat, useLanguage } from "../context";
import { CheckIcon, ClockIcon, WarningIcon } from "../icons";
import { useCopy } from "../notice";
import { DOCTOR, type DoctorWord } from "./doctor-words";
import { Choice } from "./section";

const HOLD_SECONDS = 25; // as long as the page itself holds a request

type Findings = ReadonlyMap<Way, Finding>;

export function ConnectionDoctor() {
  const language = useLanguage(DOCTOR);
  const [run, setRun] = useState(0);
  const [findings, setFindings] = useState<Findings>(new Map());
  useEffect(() => {
    if (run === 0) return;
    const stopped = new AbortController();
    const doctor = new Doctor({
      origin: location.origin,
      clock: systemClock,
      openWire: (url) => new WebSocket(url),
      fetch: (path, signal) => fetch(path, { signal, credentials: "same-origin", cache: "no-store" }),
      holdSeconds: HOLD_SECONDS,
    });
    setFindings(new Map());
    const tell = (way: Way, finding: Finding) => {
      if (!stopped.signal.aborted) setFindings((known) => new Map(known).set(way, finding));
    };
    void doctor.examine(tell, stopped.signal);
    return () => stopped.abort();
  }, [run]);
  const done = findings.size === WAYS.length;
  return (
    <>
      <h2>{language.text("title")}</h2>
      <p class="quiet">{language.text("hint", { seconds: HOLD_SECONDS })}</p>
      {run > 0 && <Ways findings={findings} />}
      <button type="button" class="secondary" disabled={run > 0 && !done} onClick={() => setRun(run + 1)}>
        {language.text(run > 0 && !done ? "working" : "start")}
      </button>
      {done && <Remedies findings={findings} />}
      {done && <Report findings={findings} />}
    </>
  );
}

function Ways({ findings }: { findings: Findings }) {
  const language = useLanguage(DOCTOR);
  return (
    <ul class="findings" aria-live="polite">
      {WAYS.map((way) => {
        const finding = findings.get(way);
        return (
          <li key={way} data-way={way} data-found={finding?.kind}>
            {!finding ? <ClockIcon /> : finding.kind === "good" ? <CheckIcon /> : <WarningIcon />}
            <span>
              <strong>{language.text(`way.${way}`)}</strong>
              <span class="quiet">{finding ? wordsOf(finding, language) : language.text("waiting")}</span>
            </span>
          </li>
        );
      })}
    </ul>
  );
}

function wordsOf(finding: Finding, language: Language<DoctorWord>): string {
  const seconds = (finding.ms / 1000).toFixed(finding.ms < 10_000 ? 1 : 0);
  const status = "status" in finding ? finding.status : null;
  const said = language.text(`${finding.kind}`, { seconds, ms: Math.round(finding.ms) });
  return status ? `${said} (HTTP ${status})` : said;
}

/** For each proxy the lines that what was found asks for. */
function Remedies({ findings }: { findings: Findings }) {
  const language = useLanguage(DOCTOR);
  const [proxy, setProxy] = useState<(typeof PROXIES)[number]>("nginx");
  const ailments = ailmentsOf(findings);
  if (findings.get("poll")?.kind !== "good") return <p>{language.text("unreachable")}</p>;
  if (ailments.length === 0) return <p>{language.text("healthy")}</p>;
  return (
    <section>
      <h3>{language.text("remedies")}</h3>
      <Choice
        name="proxy"
        label={language.text("remedies")}
        chosen={proxy}
        options={PROXIES.map((name) => [name, name])}
        onChoose={setProxy}
      />
      {ailments.map((ailment) => (
        <div key={ailment}>
          <p class="quiet">{language.text(`ailment.${ailment}`)}</p>
          <pre class="remedy" tabIndex={0} dir="ltr">
            {REMEDIES[ailment][proxy]}
          </pre>
        </div>
      ))}
    </section>
  );
}

/** To be sent to whoever runs the server: nothing of it is secret. */
function Report({ findings }: { findings: Findings }) {
  const chat = useChat();
  const language = useLanguage(DOCTOR);
  const copy = useCopy();
  const used = language.text(`connection.${mannerOf(chat.link.value)}`);
  const lines = WAYS.map((way) => {
    const finding = findings.get(way);
    return `${language.text(`way.${way}`)}: ${finding ? wordsOf(finding, language) : "–"}`;
  });
  const report = [
    `Maru, ${location.origin}, ${new Date().toISOString()}`,
    navigator.userAgent,
    language.text("used", { manner: used }),
    ...lines,
  ].join("\n");
  return (
    <button type="button" class="secondary" onClick={() => copy(report)}>
      {language.text("copy")}
    </button>
  );
}
