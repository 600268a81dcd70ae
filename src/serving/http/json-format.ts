// JSON as we send it: what a client gave (ids) comes back in no answer as markup, whatever reads it.

/** JSON in which `<` stands as an escape; it reads the same. */
export function formatJson(value: unknown): string {
  const text = JSON.stringify(value);
  return text.includes('<') ? text.replaceAll('<', '\\u003c') : text;
}
