// Reads INI files as Git, DVC (configobj) and AWS write them: sections, `key = value`, comments with # or ;.

/** Settings by section; keys in lower case. What stands before the first section is in the section ''. */
export function parseIni(text: string): Map<string, Map<string, string>> {
  const sections = new Map<string, Map<string, string>>();
  let name = '';
  for (const raw of text.replace(/^\uFEFF/, '').split(/\r?\n/)) {
    const line = raw.trim();
    if (line === '' || line.startsWith('#') || line.startsWith(';')) continue;
    const [, section] = /^\[(.*)\]\s*(?:[#;].*)?$/.exec(line) ?? [];
    if (section !== undefined) {
      name = unquote(section.trim());
      if (!sections.has(name)) sections.set(name, new Map());
      continue;
    }
    const at = line.indexOf('=');
    if (at < 1) continue;
    const entries = sections.get(name) ?? new Map<string, string>();
    entries.set(line.slice(0, at).trim().toLowerCase(), readValue(line.slice(at + 1).trim()));
    sections.set(name, entries);
  }
  return sections;
}

/** A quoted value keeps its signs; any other ends at ` #`. */
function readValue(value: string): string {
  const [, quoted] = /^(".*?"|'.*?')\s*(?:#.*)?$/.exec(value) ?? [];
  return quoted === undefined ? value.replace(/\s+#.*$/, '') : unquote(quoted);
}

function unquote(value: string): string {
  const [, , inner] = /^(["'])(.*)\1$/.exec(value) ?? [];
  return inner ?? value;
}
