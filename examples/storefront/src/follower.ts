import type { CombinedError, OperationResult, OperationResultSource } from "@urql/core";
import type { ChangeKind } from "./generated";

export interface Change<D> {
  kind: ChangeKind;
  position: string;
  id?: string | null;
  document?: D | null;
}

interface Following<R, D> {
  read: () => Promise<{ data?: R | undefined; error?: CombinedError | undefined }>;
  /** Everything that changed after what was read. */
  changesAfter: (read: R) => OperationResultSource<OperationResult<{ change: Change<D> }>>;
  show: (read: R) => void;
  apply: (change: Change<D>) => void;
  fail: (error: CombinedError) => void;
}

const RETRY_MS = 3_000;
const PAUSE_MS = 800;
const STOPPED = -1;

/**
 * Reads, and follows what changes after the position that was read. It reads again when it is told to, at RESYNC, and
 * when the changes end; those of one read are followed until the next one has come.
 */
export class Follower<R, D> {
  private unsubscribe = () => {};
  private timer: ReturnType<typeof setTimeout> | undefined;
  private startedAt = 0;
  private latest: Promise<void> = Promise.resolve();
  private turn = 0;

  constructor(private readonly following: Following<R, D>) {}

  /** Resolves when this read, or one that was started later, is shown. Does nothing once stopped. */
  read(): Promise<void> {
    if (this.turn === STOPPED) return this.latest;
    clearTimeout(this.timer);
    this.timer = undefined;
    this.startedAt = Date.now();
    return (this.latest = this.readAs(++this.turn));
  }

  /** Reads at once, unless it has read a moment ago: a burst of changes is one read more. */
  readSoon(): void {
    this.readIn(Math.max(0, this.startedAt + PAUSE_MS - Date.now()));
  }

  stop(): void {
    this.turn = STOPPED;
    this.latest = Promise.resolve();
    clearTimeout(this.timer);
    this.unsubscribe();
  }

  private async readAs(turn: number): Promise<void> {
    const { data, error } = await this.following.read();
    if (turn !== this.turn) return this.latest;
    if (data === undefined) {
      if (error) this.following.fail(error);
      if (!isFinal(error)) this.readIn(RETRY_MS);
      return;
    }
    this.unsubscribe();
    this.following.show(data);
    this.unsubscribe = this.following.changesAfter(data).subscribe(({ data: pushed, error: ended }) => {
      if (ended) this.readIn(RETRY_MS);
      else if (pushed?.change.kind === "RESYNC") void this.read();
      else if (pushed) this.following.apply(pushed.change);
    }).unsubscribe;
  }

  private readIn(milliseconds: number): void {
    this.timer ??= setTimeout(() => void this.read(), milliseconds);
  }
}

/** Asking the same again would be answered the same. */
function isFinal(error: CombinedError | undefined): boolean {
  return error?.graphQLErrors.some(({ extensions }) => extensions["code"] === "BAD_USER_INPUT") ?? false;
}
