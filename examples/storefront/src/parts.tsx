import { useEffect, useRef, useState, type ReactNode, type RefObject } from "react";
import type { Problem } from "./command";
import { addressLines, count, moment, STATUS_NAMES } from "./format";
import type { OrderStatus, PostalAddressFragment, ShippingStatus } from "./generated";
import type { Page } from "./live";

let arrived = false;

/** The page's heading: it names the window, and is where reader and keyboard go on after a step to another page. */
export function Title({ children, aside }: { children: string; aside?: ReactNode }) {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    document.title = `${children} · Oneread`;
  }, [children]);
  useEffect(() => {
    if (arrived) {
      heading.current?.focus({ preventScroll: true });
      scrollTo(0, 0);
    }
    arrived = true;
  }, []);
  return (
    <div className="title">
      <h1 ref={heading} tabIndex={-1}>
        {children}
      </h1>
      {aside}
    </div>
  );
}

export function Status({ status }: { status: OrderStatus | ShippingStatus }) {
  return <span className={`status ${status.toLowerCase()}`}>{STATUS_NAMES[status]}</span>;
}

export function Moment({ at }: { at: string }) {
  return <time dateTime={at}>{moment(at)}</time>;
}

export function PostalAddress({ address }: { address: PostalAddressFragment }) {
  return (
    <address>
      {addressLines(address).map((line) => (
        <span key={line}>{line}</span>
      ))}
    </address>
  );
}

export function Problems({ problems, id }: { problems: Problem[]; id?: string }) {
  if (problems.length === 0) return null;
  return (
    <div role="alert" className="problems" id={id}>
      {problems.map(({ message }) => (
        <p key={message}>{message}</p>
      ))}
    </div>
  );
}

export function Notice({ children }: { children: ReactNode }) {
  return <p className="notice">{children}</p>;
}

const PAGE_SIZE = 20;

/** The arguments of a page, from the address that `Pager` linked to. */
export function span(parameters: URLSearchParams) {
  const [after, before] = [parameters.get("after"), parameters.get("before")];
  return before ? { last: PAGE_SIZE, before } : { first: PAGE_SIZE, after };
}

export function Pager({ page, to }: { page: Page<unknown>; to: (cursors: Record<string, string | null>) => string }) {
  const { hasNextPage, hasPreviousPage, startCursor, endCursor } = page.pageInfo;
  return (
    <nav className="pager" aria-label="Pages">
      <span>{page.totalCount === 1 ? "1 in all" : `${count(page.totalCount)} in all`}</span>
      {hasPreviousPage && <a href={to({ before: startCursor })}>Previous</a>}
      {hasNextPage && <a href={to({ after: endCursor })}>Next</a>}
    </nav>
  );
}

/** Lights an element up when what it shows has changed since the page was opened. */
export function useFlash<E extends Element>(position: string, since: string | undefined): RefObject<E | null> {
  const element = useRef<E>(null);
  useEffect(() => {
    if (since === undefined || position <= since || matchMedia("(prefers-reduced-motion)").matches) return;
    element.current?.animate([{ backgroundColor: "var(--flash)" }, {}], { duration: 1_600, easing: "ease-out" });
  }, [position, since]);
  return element;
}

const TYPING_MS = 250;

interface SearchProps {
  label: string;
  placeholder: string;
  value: string;
  change: (value: string) => void;
}

/** Words to search for, handed on when the reader pauses. */
export function Search({ label, placeholder, value, change }: SearchProps) {
  const [text, setText] = useState(value);
  useEffect(() => {
    if (text.trim() === value) return;
    const timer = setTimeout(() => change(text.trim()), TYPING_MS);
    return () => clearTimeout(timer);
  }, [text, value, change]);
  return (
    <label className="search">
      {label}
      <input type="search" value={text} onChange={(event) => setText(event.target.value)} placeholder={placeholder} />
    </label>
  );
}
