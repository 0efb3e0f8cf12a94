/** The latest position that this page has learned of. Positions of one log compare as strings: the greater is the later. */
export class LatestPosition {
  value = "";

  note(position) {
    if (position && position > this.value) this.value = position;
  }

  /** Positions mean nothing to another log: a restored backup is one. Take it up anew. */
  forget() {
    this.value = "";
  }
}

export function isOfAnotherLog(errors) {
  return errors?.some(({ extensions }) => extensions?.code === "POSITION_UNKNOWN") ?? false;
}
