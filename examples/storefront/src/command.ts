import type { TypedDocumentNode } from "@urql/core";
import { useCallback, useRef, useState } from "react";
import { useClient } from "urql";
import { said } from "./format";

/** Why a command was not done; `path` leads to the part of its input that is to blame, if one is. */
export interface Problem {
  message: string;
  path: string[] | null;
}

export interface Input {
  commandId?: string | null | undefined;
}

export interface Payload {
  /** Of what was done; null if nothing was. */
  position: string | null;
  userErrors: Problem[];
}

export interface Command<I, P> {
  /** The payload of a command that was accepted. Undefined when it was not: `problems` say why. */
  send: (input: I) => Promise<P | undefined>;
  problems: Problem[];
  /** The input is another one now: the problems are not those of it. */
  forget: () => void;
}

/**
 * Sends a command under an id of its own. Who sends the same input again because no answer came still means the same:
 * it goes under the same id, and has one effect even if both arrive.
 */
export function useCommand<I extends Input, P extends Payload>(
  mutation: TypedDocumentNode<{ payload: P }, { input: I }>,
): Command<I, P> {
  const client = useClient();
  const unanswered = useRef<{ input: string; commandId: string }>(undefined);
  const [problems, setProblems] = useState<Problem[]>([]);
  const send = useCallback(
    async (input: I) => {
      setProblems([]);
      const text = JSON.stringify(input);
      const intent = unanswered.current?.input === text ? unanswered.current : { input: text, commandId: newId() };
      unanswered.current = intent;
      const { data, error } = await client.mutation(mutation, { input: { ...input, commandId: intent.commandId } });
      if (!data) {
        setProblems([{ message: said(error), path: null }]);
        return undefined;
      }
      unanswered.current = undefined;
      const { position, userErrors } = data.payload;
      const isDone = position !== null && userErrors.length === 0;
      // What was done may not be readable yet: that is no reason to do it again.
      const unread = error && { message: `${isDone ? "This is done. " : ""}${said(error)}`, path: null };
      setProblems(unread ? [...userErrors, unread] : userErrors);
      return isDone ? data.payload : undefined;
    },
    [client, mutation],
  );
  const forget = useCallback(() => setProblems([]), []);
  return { send, problems, forget };
}

/** The problems whose path is this, or begins with it. */
export function problemsAt(problems: Problem[], ...path: string[]): Problem[] {
  return problems.filter((problem) => path.every((part, index) => problem.path?.[index] === part));
}

/** 32 hexadecimal digits that nobody else has. */
export function newId(): string {
  // crypto.randomUUID is for secure contexts only, which a shop on the local network is not.
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}
