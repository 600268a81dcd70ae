// Tests completion in the real shells: each loads the script that `veracity completion` prints and completes a line. A shell
// that is not installed is left out, with the reason.
import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const cli = fileURLToPath(new URL('../../dist/cli.js', import.meta.url));
let folder = '';
let environment: NodeJS.ProcessEnv = {};

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'veracity-shells-'));
  mkdirSync(join(folder, 'bin'));
  const program = join(folder, 'bin', 'veracity');
  writeFileSync(program, `#!/bin/sh\nexec "${process.execPath}" "${cli}" "$@"\n`);
  chmodSync(program, 0o755);
  mkdirSync(join(folder, 'configs', 'data'), { recursive: true });
  writeFileSync(join(folder, 'configs', 'data', 'mine.yaml'), 'defaults: [csv]\nname: mine\n');
  mkdirSync(join(folder, 'letters'));
  writeFileSync(join(folder, 'letters.csv'), 'title,text,label\n');
  environment = {
    ...process.env,
    PATH: `${join(folder, 'bin')}:${process.env.PATH}`,
    VERACITY_HOME: join(folder, 'home'),
  };
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function runShell(shell: string, script: string, ...flags: string[]): string {
  const { stdout, stderr, status } = spawnSync(shell, [...flags, '-c', script], {
    cwd: folder,
    encoding: 'utf8',
    env: environment,
    timeout: 50_000,
  });
  if (status !== 0) throw new Error(`${shell} ended with ${status}: ${stderr}`);
  return stdout;
}

function isInstalled(shell: string): boolean {
  const found = spawnSync(shell, ['-c', 'true']).status === 0;
  if (!found) console.log(`completion in ${shell} is not tested: ${shell} is not installed`);
  return found;
}

const lines = (text: string): string[] => text.split('\n').filter((line) => line !== '');

/** What bash would insert for a line, as the list of its completions. */
function completeInBash(line: string): string[] {
  // Bash itself splits the words; this does it as bash does for the characters that matter here.
  const words = line.split(/(\s+|[=:@])/).filter((word) => word.trim() !== '');
  if (/\s$/.test(line)) words.push('');
  const quoted = words.map((word) => `'${word}'`).join(' ');
  const script = `eval "$(veracity completion bash)"
    COMP_LINE='${line}'; COMP_POINT=${line.length}; COMP_WORDS=(${quoted}); COMP_CWORD=${words.length - 1}
    _veracity; printf '%s\\n' "\${COMPREPLY[@]}"`;
  return lines(runShell('bash', script, '--norc', '--noprofile'));
}

/** What zsh inserts for a line, typed into a terminal of its own. */
function completeInZsh(line: string): string {
  writeFileSync(
    join(folder, 'start.zsh'),
    'PS1=\'READY> \'; autoload -Uz compinit; compinit -D; eval "$(veracity completion zsh)"; bindkey -e; unsetopt beep\n',
  );
  const script = `
    zmodload zsh/zpty
    zpty -b shell 'zsh -f -i'
    zpty -w shell 'source ./start.zsh; print LOADED'
    local out='' part
    for i in {1..300}; do zpty -r -t shell part && out+=$part; [[ $out == *$'\\n'LOADED* ]] && break; sleep 0.05; done
    zpty -n -w shell ${JSON.stringify(line)}$'\\t'
    out=''
    for i in {1..160}; do zpty -r -t shell part && { out+=$part; last=$i }; (( i > \${last:-100000} + 30 )) && break; sleep 0.05; done
    zpty -n -w shell $'\\x01'"print -r -- TYPED: "$'\\n'
    for i in {1..100}; do zpty -r -t shell part && out+=$part; [[ $out == *$'\\n'TYPED:* ]] && break; sleep 0.05; done
    print -r -- $out
    zpty -d shell`;
  const output = runShell('zsh', script, '-f');
  return /\nTYPED: (.*?)\r?\n/.exec(output)?.[1]?.trimEnd() ?? output;
}

function completeInFish(line: string): string[] {
  const script = `veracity completion fish | source; complete -C ${JSON.stringify(line)}`;
  return lines(runShell('fish', script, '--no-config')).map((text) => text.split('\t')[0]!);
}

describe.skipIf(!isInstalled('bash'))('completion in bash', () => {
  it.each([
    ['veracity trai', ['train']],
    ['veracity models pro', ['promote']],
    ['veracity train mod', ['model=', 'model.']],
    ['veracity train model=l', ['linear']],
    ['veracity train data=', ['csv', 'file', 'huggingface', 'isot', 'jsonl', 'mine', 'sample']],
    ['veracity train optimizer=sgd optimizer.mo', ['optimizer.momentum=']],
    ['veracity train data.strip=t', ['true']],
    ['veracity train --no-configs data=m', []],
    ['veracity train --c', ['--cfg', '--config-dir']],
    ['veracity train data.path=lett', ['letters', 'letters.csv']],
    ['veracity predict --file lett', ['letters', 'letters.csv']],
    ['veracity train --config-dir lett', ['letters']],
    ['veracity completion ', ['bash', 'zsh', 'fish']],
    ['veracity zzz', []],
  ])('completes %s', (line, expected) => {
    expect(completeInBash(line).sort()).toEqual([...expected].sort());
  });

  it('loads without an error in a shell with its errors on', () => {
    expect(
      runShell('bash', 'set -eu; eval "$(veracity completion bash)"; complete -p veracity', '--norc'),
    ).toBe('complete -F _veracity veracity\n');
  });
});

describe.skipIf(!isInstalled('zsh'))('completion in zsh', () => {
  it.each([
    ['veracity trai', 'veracity train'],
    ['veracity train model=lin', 'veracity train model=linear'],
    ['veracity train data=mi', 'veracity train data=mine'],
    ['veracity train data.path=letters.c', 'veracity train data.path=letters.csv'],
    ['veracity train optimizer=sgd optimizer.mo', 'veracity train optimizer=sgd optimizer.momentum='],
  ])('completes %s', (line, expected) => {
    expect(completeInZsh(line)).toBe(expected);
  });
});

describe.skipIf(!isInstalled('fish'))('completion in fish', () => {
  it.each([
    ['veracity trai', ['train']],
    ['veracity train mod', ['model=', 'model.']],
    ['veracity train data=m', ['data=mine']],
    ['veracity train optimizer=sgd optimizer.mo', ['optimizer.momentum=']],
    ['veracity train data.path=lett', ['data.path=letters/', 'data.path=letters.csv']],
    ['veracity train --config-dir lett', ['letters/']],
    ['veracity models pro', ['promote']],
  ])('completes %s', (line, expected) => {
    expect(completeInFish(line).sort()).toEqual([...expected].sort());
  });
});
