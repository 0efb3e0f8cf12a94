import type { TypedDocumentNode } from "@urql/core";
import { useId, useTransition, type SubmitEvent } from "react";
import { problemsAt, useCommand, type Input, type Payload, type Problem } from "./command";
import { Problems } from "./parts";

export interface Field {
  name: string;
  label: string;
  /** Value and text of each choice; a line to write on without. */
  choices?: [string, string][];
  optional?: boolean;
}

/** What to say of a parcel that leaves. */
export const PARCEL: Field[] = [
  { name: "carrier", label: "Carrier" },
  { name: "trackingNumber", label: "Tracking number" },
];

interface Props<I, P> {
  action: string;
  mutation: TypedDocumentNode<{ payload: P }, { input: I }>;
  fields: Field[];
  input: (values: Record<string, string>) => I;
  /** Shows what will be, until the answer is there. */
  foresee: (input: I) => void;
  /** What came; until its promise is done, what was foreseen stays. */
  accepted: (payload: P) => void | Promise<void>;
  grave?: boolean;
}

/** A form that sends one command. What is wrong with a field is said at the field, the rest below them. */
export function CommandForm<I extends Input, P extends Payload>(props: Props<I, P>) {
  const { action, mutation, fields, input, foresee, accepted, grave } = props;
  const command = useCommand<I, P>(mutation);
  const [isSending, start] = useTransition();

  function submit(event: SubmitEvent<HTMLFormElement>) {
    event.preventDefault();
    const values = Object.fromEntries(new FormData(event.currentTarget)) as Record<string, string>;
    const given = input(values);
    start(async () => {
      foresee(given);
      const payload = await command.send(given);
      if (payload) await accepted(payload);
    });
  }

  const elsewhere = command.problems.filter(({ path }) => !fields.some(({ name }) => name === path?.[0]));
  return (
    <form onSubmit={submit} className="command" aria-label={action}>
      {fields.map((field) => (
        <FieldOf key={field.name} field={field} problems={problemsAt(command.problems, field.name)} />
      ))}
      <Problems problems={elsewhere} />
      <button type="submit" className={grave ? "grave" : "primary"} disabled={isSending}>
        {action}
      </button>
    </form>
  );
}

function FieldOf({ field, problems }: { field: Field; problems: Problem[] }) {
  const id = useId();
  const wrong = problems.length > 0;
  const described = { "aria-invalid": wrong, "aria-describedby": wrong ? `${id}-problems` : undefined };
  return (
    <div className="field">
      <label htmlFor={id}>
        {field.label} {field.optional && <small>(optional)</small>}
      </label>
      {field.choices ? (
        <select id={id} name={field.name} {...described}>
          {field.choices.map(([value, text]) => (
            <option key={value} value={value}>
              {text}
            </option>
          ))}
        </select>
      ) : (
        <input id={id} name={field.name} required={!field.optional} autoComplete="off" {...described} />
      )}
      <Problems problems={problems} id={`${id}-problems`} />
    </div>
  );
}
