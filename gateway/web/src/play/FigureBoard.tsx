import type { Session } from "../api/client";
import { grade, type Figures, type Grade } from "./figures";
import css from "./Stage.module.css";

/** The connection in figures, each judged where less is better. */
export function FigureBoard({ figures, session }: { figures: Figures | null; session: Session }) {
  return (
    <section className={css.board} aria-label="Statistics" data-testid="statistics">
      {figures ? (
        <dl>
          <Figure name="Picture" value={`${figures.width}×${figures.height}`} />
          <Figure name="Frames" value={`${figures.fps.toFixed(0)} fps`} />
          <Figure name="Bit rate" value={`${(figures.bitRate / 1e6).toFixed(1)} Mb/s`} />
          {figures.inputMs !== null && (
            <Figure
              name="Input to picture"
              value={`${figures.inputMs.toFixed(0)} ms`}
              grade={grade(figures.inputMs, 50, 100)}
            />
          )}
          <Figure
            name="Round trip"
            value={`${figures.roundTripMs.toFixed(0)} ms`}
            grade={grade(figures.roundTripMs, 40, 80)}
          />
          <Figure
            name="Jitter"
            value={`${figures.jitterMs.toFixed(1)} ms`}
            grade={grade(figures.jitterMs, 8, 20)}
          />
          <Figure
            name="Loss"
            value={`${(figures.loss * 100).toFixed(1)} %`}
            grade={grade(figures.loss, 0.005, 0.02)}
          />
          <Figure
            name="Buffer"
            value={`${figures.bufferMs.toFixed(0)} ms`}
            grade={grade(figures.bufferMs, 20, 50)}
          />
          <Figure
            name="Decode"
            value={`${figures.decodeMs.toFixed(1)} ms`}
            grade={grade(figures.decodeMs, 8, 16)}
          />
          <Figure name="Dropped" value={String(figures.dropped)} grade={grade(figures.dropped, 0, 2)} />
          {session.encoder && <Figure name="Encoder" value={session.encoder} />}
        </dl>
      ) : (
        <p>Measuring…</p>
      )}
    </section>
  );
}

function Figure({ name, value, grade }: { name: string; value: string; grade?: Grade }) {
  return (
    <div data-grade={grade}>
      <dt>{name}</dt>
      <dd>
        {value}
        {grade && <span className={css.grade}>{grade}</span>}
      </dd>
    </div>
  );
}
