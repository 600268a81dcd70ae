// JSON of responses: text that a client sent (ids) never comes back as markup.

/** JSON in which `<` stands as an escape; it reads the same. */
export function formatJson(value: unknown): string {
  const text = JSON.stringify(value);
  return text.includes('<') ? text.replaceAll('<', '\\u003c') : text;
}
