// Parses a Dockerfile into instructions, as far as the recipes need it: comments, continued lines, the JSON form.
export interface Instruction {
  /** FROM, RUN, … in capitals. */
  readonly name: string;
  readonly value: string;
  /** The stage that it belongs to, counted from 0; -1 before the first FROM. */
  readonly stage: number;
}

/** Parses the instructions in order; continued lines are joined by a space. */
export function parseDockerfile(text: string): Instruction[] {
  const lines = text
    .split('\n')
    .filter((line) => !line.trimStart().startsWith('#'))
    .join('\n')
    .replace(/\\\n\s*/g, ' ')
    .split('\n')
    .filter((line) => line.trim() !== '');
  let stage = -1;
  return lines.map((line) => {
    const [, name = '', value = ''] = /^\s*(\S+)\s*(.*)$/.exec(line) ?? [];
    if (name.toUpperCase() === 'FROM') stage++;
    return { name: name.toUpperCase(), value: value.trim(), stage };
  });
}
