// The words of the pages, as their catalogues have them: tests ask for a text by its key.

import { readFileSync } from "node:fs";

/** Every language of the pages. */
export const LANGUAGES = ["en", "sv", "de", "fr", "es", "ar"];

/** What the local stack is called. */
export const BRAND = "Regain";

/**
 * The words of a language: a function from a key and its values to the text. Only texts of one line are known, and none
 * that has forms for numbers.
 */
export function words(tag) {
  const file = readFileSync(new URL(`../../../shared/locales/${tag}/pages.ftl`, import.meta.url), "utf8");
  const texts = new Map([...file.matchAll(/^([a-z-]+) = (.+)$/gm)].map(([, key, text]) => [key, text]));
  return (key, values = {}) => {
    const text = texts.get(key);
    if (text === undefined || text.endsWith("->")) throw new Error(`${tag} has no plain text ${key}`);
    return text.replace(/\{ \$(\w+) \}/g, (_, name) => {
      const value = { brand: BRAND, ...values }[name];
      if (value === undefined) throw new Error(`${key} wants $${name}`);
      return value;
    });
  };
}
