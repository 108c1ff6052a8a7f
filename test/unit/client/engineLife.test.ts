import assert from "node:assert/strict";
import { EngineLife, type Engine, type EngineState, type StartedEngine } from "../../../src/client/engineLife.js";
import { LacunaError } from "../../../src/protocol/errors.js";

const death = (): LacunaError => new LacunaError("engineDied", "The engine process ended unexpectedly.", "Try again.");

/** An engine without a process. */
class FakeEngine {
  isDisposed = false;
  die!: (error: LacunaError) => void;
  readonly died = new Promise<LacunaError>((resolve) => (this.die = resolve));

  retired: boolean[] = [];

  async dispose(): Promise<void> {
    this.isDisposed = true;
  }

  async retire(evenIfBusy: boolean): Promise<void> {
    this.retired.push(evenIfBusy);
  }

  get started(): StartedEngine {
    return { engine: this as unknown as Engine, loaded: {} as StartedEngine["loaded"] };
  }
}

function setUp(options: { idleMs?: number; fails?: (start: number) => boolean } = {}) {
  const { fails = () => false } = options;
  const engines: FakeEngine[] = [];
  const states: EngineState[] = [];
  // Waits of the back-off pass at once, by a clock that is an hour later each time it is read; deaths stay near.
  const clock = { ms: 0 };
  let starts = 0;
  const life = new EngineLife({
    start: async () => {
      starts += 1;
      if (fails(starts)) throw death();
      const engine = new FakeEngine();
      engines.push(engine);
      return engine.started;
    },
    idleMs: () => options.idleMs ?? 0,
    onState: (state) => states.push(state),
    now: () => (clock.ms += 9000),
  });
  return { life, engines, states, starts: () => starts };
}

const nothing = (): Promise<void> => Promise.resolve();
const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

describe("the life of the engine", () => {
  it("starts no engine before one is needed, and one for all jobs", async () => {
    const { life, engines, states } = setUp();
    assert.equal(life.state, "idle");
    assert.equal(engines.length, 0);
    await Promise.all([life.use(nothing), life.use(nothing)]);
    await life.use(nothing);
    assert.equal(engines.length, 1);
    assert.deepEqual(states, ["starting", "ready"]);
    assert.equal(life.isBusy, false);
  });

  it("starts a new one after a death", async () => {
    const { life, engines } = setUp();
    await life.use(nothing);
    engines[0].die(death());
    await pause(0);
    assert.equal(life.state, "idle");
    await life.use(nothing);
    assert.equal(engines.length, 2);
    assert.equal(life.state, "ready");
  });

  it("starts three times after deaths, then says why it does not any more", async () => {
    const { life, starts, states } = setUp({ fails: () => true });
    for (let attempt = 0; attempt < 6; attempt += 1) await assert.rejects(life.use(nothing), { code: "engineDied" });
    assert.equal(starts(), 4);
    assert.equal(life.state, "failed");
    assert.equal(states.filter((state) => state === "failed").length, 1);
    assert.equal(life.failure?.code, "engineDied");
  });

  it("gives up at once when starting fails for a reason that stays, and tries anew after a reset", async () => {
    let isMissing = true;
    const life = new EngineLife({
      start: async () => {
        if (isMissing) throw new LacunaError("modelMissing", "There is no model.", "Choose another folder.");
        return new FakeEngine().started;
      },
      idleMs: () => 0,
    });
    await assert.rejects(life.use(nothing), { code: "modelMissing" });
    assert.equal(life.state, "failed");
    isMissing = false;
    await assert.rejects(life.use(nothing), { code: "modelMissing" });
    await life.reset();
    await life.use(nothing);
    assert.equal(life.state, "ready");
  });

  it("tells what an engine had loaded when it is lost, and not when it was ended", async () => {
    const lost: unknown[] = [];
    const engine = new FakeEngine();
    const life = new EngineLife({ start: async () => engine.started, idleMs: () => 0, onLost: ({ code }, loaded) => lost.push([code, loaded]) });
    await life.use(nothing);
    engine.die(death());
    await pause(0);
    assert.deepEqual(lost, [["engineDied", engine.started.loaded]]);
    await life.unload();
    assert.equal(lost.length, 1);
  });

  it("starts again when a person asks for it, though it had given up", async () => {
    const { life } = setUp({ fails: (start) => start <= 4 });
    for (let attempt = 0; attempt < 4; attempt += 1) await assert.rejects(life.use(nothing));
    assert.equal(life.state, "failed");
    await life.restart();
    assert.equal(life.state, "ready");
    assert.equal(life.failure, undefined);
  });

  it("is not taken for one at rest when it was asked for while the one before was ending", async () => {
    const { life, engines } = setUp();
    await life.use(nothing);
    engines[0].dispose = () => pause(20);
    const reset = life.reset();
    await life.use(nothing);
    assert.equal(life.state, "ready");
    await reset;
    assert.deepEqual([life.state, engines.length], ["ready", 2]);
  });

  it("unloads an engine at rest, and not while a job runs", async () => {
    const { life, engines } = setUp({ idleMs: 20 });
    let end!: () => void;
    const job = life.use(() => new Promise<void>((resolve) => (end = resolve)));
    await pause(60);
    assert.equal(engines[0].isDisposed, false);
    end();
    await job;
    await pause(60);
    assert.equal(engines[0].isDisposed, true);
    assert.equal(life.state, "idle");
    await life.use(nothing);
    assert.equal(engines.length, 2);
  });

  it("unloads an engine that has rested long enough as soon as the time for it is changed, and not one that works", async () => {
    const times = { idleMs: 0 };
    const { life, engines } = setUp(times);
    await life.use(nothing);
    await pause(30);
    times.idleMs = 20;
    let end!: () => void;
    const job = life.use(() => new Promise<void>((resolve) => (end = resolve)));
    life.idleTimeChanged();
    await pause(40);
    assert.equal(engines[0].isDisposed, false);
    times.idleMs = 0;
    end();
    await job;
    await pause(30);
    times.idleMs = 20;
    life.idleTimeChanged();
    await pause(10);
    assert.equal(engines[0].isDisposed, true);
  });

  it("never unloads when the time is 0", async () => {
    const { life, engines } = setUp({ idleMs: 0 });
    await life.use(nothing);
    await pause(30);
    assert.equal(engines[0].isDisposed, false);
  });

  it("ends an engine that was still starting when it was unloaded", async () => {
    const { life, engines } = setUp();
    const job = life.use(nothing).catch(() => {});
    await life.unload();
    await job;
    assert.ok(engines.every(({ isDisposed }) => isDisposed));
    assert.equal(life.state, "idle");
    assert.equal(life.started, undefined);
  });

  it("has the engine end for all who use it where a person asks for a new one, and where it holds too much and is at rest", async () => {
    const { life, engines } = setUp();
    await life.use(nothing);
    await life.replaceAtRest();
    await life.use(nothing);
    await life.restart();
    assert.deepEqual(
      engines.map(({ retired, isDisposed }) => [retired, isDisposed]),
      [
        [[false], false],
        [[true], false],
        [[], false],
      ],
    );
    await life.unload();
    assert.equal(engines[2].isDisposed, true);
  });

  it("takes it for no failure that another window has asked for a new engine, however often", async () => {
    const { life, engines, states } = setUp();
    for (let round = 0; round < 6; round += 1) {
      await life.use(nothing);
      engines[round].die(new LacunaError("engineReplaced", "A window has asked for a new engine.", "Try again."));
      await pause(0);
      assert.deepEqual([life.state, life.failure], ["idle", undefined]);
    }
    assert.ok(!states.includes("failed"));
  });
});
