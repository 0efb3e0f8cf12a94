import type { CombinedError } from "@urql/core";
import type { OrderStatus, PaymentMethod, PostalAddressFragment, PriceFragment, ShippingStatus } from "./generated";

export const STATUS_NAMES: Record<OrderStatus | ShippingStatus, string> = {
  PLACED: "Placed",
  PAID: "Paid",
  SHIPPED: "Shipped",
  DELIVERED: "Delivered",
  CANCELLED: "Cancelled",
  REFUNDED: "Refunded",
  READY: "Ready",
};

export const METHOD_NAMES: Record<PaymentMethod, string> = {
  CARD: "Card",
  BANK_TRANSFER: "Bank transfer",
  WALLET: "Store credit",
};

const countries = new Intl.DisplayNames(undefined, { type: "region" });
const days = new Intl.DateTimeFormat(undefined, { dateStyle: "medium" });
const moments = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "short" });
const numbers = new Intl.NumberFormat();

export function money({ amount, currencyCode }: PriceFragment): string {
  const format = new Intl.NumberFormat(undefined, { style: "currency", currency: currencyCode });
  // A decimal string is formatted exactly; as a number it might be rounded first.
  return format.format(amount as Intl.StringNumericLiteral);
}

export function count(value: number): string {
  return numbers.format(value);
}

export function day(text: string): string {
  return days.format(new Date(text));
}

export function moment(text: string): string {
  return moments.format(new Date(text));
}

export function units(quantity: number): string {
  return quantity === 1 ? "1 item" : `${count(quantity)} items`;
}

export function country(code: string): string {
  return countries.of(code) ?? code;
}

export function addressLines(address: PostalAddressFragment): string[] {
  const { line1, line2, city, postcode, countryCode } = address;
  return [line1, line2 ?? "", `${postcode} ${city}`.trim(), country(countryCode)].filter((line) => line !== "");
}

/** Ids are long; their last digits tell those of one shop apart. */
export function shortId(id: string): string {
  return `#${id.slice(-6).toUpperCase()}`;
}

/** The exact sum of prices, each times a quantity, all in one currency; null for nothing. */
export function sum(lines: { price: PriceFragment; quantity: number }[]): PriceFragment | null {
  const [first] = lines;
  if (!first) return null;
  const digits = Math.max(...lines.map(({ price }) => fraction(price.amount).length));
  const smallest = lines.reduce((total, { price, quantity }) => {
    const whole = price.amount.split(".")[0] ?? "0";
    return total + BigInt(whole + fraction(price.amount).padEnd(digits, "0")) * BigInt(quantity);
  }, 0n);
  const text = smallest.toString().padStart(digits + 1, "0");
  const amount = digits === 0 ? text : `${text.slice(0, -digits)}.${text.slice(-digits)}`;
  return { amount, currencyCode: first.price.currencyCode };
}

function fraction(amount: string): string {
  return amount.split(".")[1] ?? "";
}

/** What a person is told when a request was not answered. */
export function said(error: CombinedError | undefined): string {
  if (!error || error.networkError) return "The shop cannot be reached just now. Please try again.";
  return error.graphQLErrors.map(({ message }) => message).join(" ");
}
