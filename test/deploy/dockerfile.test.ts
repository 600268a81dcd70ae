// Checks the text of the recipes; images.slow.test.ts builds and runs them.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { repositoryRoot } from '../architecture/source-imports.ts';
import { type Instruction, parseDockerfile } from './dockerfile.ts';

const read = (name: string): string => readFileSync(join(repositoryRoot, name), 'utf8');
const recipe = (name: string): Instruction[] => parseDockerfile(read(`deploy/docker/${name}.dockerfile`));
const valuesOf = (instructions: readonly Instruction[], name: string): string[] =>
  instructions.filter((instruction) => instruction.name === name).map(({ value }) => value);

describe.each(['serve', 'train'])('deploy/docker/%s.dockerfile', (name) => {
  const instructions = recipe(name);

  it('starts only from a slim Node image pinned by digest', () => {
    const [base] = valuesOf(instructions, 'ARG');
    expect(base).toMatch(/^BASE_IMAGE=node:2\d-bookworm-slim@sha256:[0-9a-f]{64}$/);
    const stages = valuesOf(instructions, 'FROM').map((value) => value.split(/\s+AS\s+/i));
    const names = stages.map(([, stage]) => stage);
    for (const [from] of stages)
      expect(['scratch', `\${BASE_IMAGE}`, ...names.filter((stage) => stage !== undefined)]).toContain(from);
    expect(stages.length).toBeGreaterThan(1);
  });

  it('names no moving tag', () => {
    expect(read(`deploy/docker/${name}.dockerfile`)).not.toMatch(/:latest\b|:lts\b|:current\b/);
  });

  it('runs as a numeric user other than root, and never returns to root', () => {
    expect(valuesOf(instructions, 'USER')).toEqual(['1000:1000']);
  });

  it('writes only to a volume, the home', () => {
    expect(valuesOf(instructions, 'VOLUME')).toEqual(['/data']);
    expect(valuesOf(instructions, 'ENV').join(' ')).toContain('VERACITY_HOME=/data');
    expect(valuesOf(instructions, 'WORKDIR').at(-1)).toBe('/data');
  });

  it('defines a health check that needs only the tools of a slim image', () => {
    const [check] = valuesOf(instructions, 'HEALTHCHECK');
    expect(check).toMatch(
      name === 'serve' ? /CMD \["node", "\/app\/deploy\/docker\/check-health\.mjs"\]/ : /^NONE$/,
    );
    expect(read(`deploy/docker/${name}.dockerfile`)).not.toMatch(/\b(curl|wget)\b.*http/);
  });

  it('runs node as process 1, without a shell that would swallow SIGTERM', () => {
    expect(valuesOf(instructions, 'ENTRYPOINT')).toEqual(['["node", "/app/dist/cli.js"]']);
    for (const command of valuesOf(instructions, 'CMD'))
      expect(Array.isArray(JSON.parse(command))).toBe(true);
  });

  it('installs the packages of the lock file, without their scripts', () => {
    const installs = valuesOf(instructions, 'RUN').filter((command) => command.includes('npm '));
    expect(installs.join('\n')).toContain('npm ci --ignore-scripts');
    expect(installs.join('\n')).not.toMatch(/npm (install|i)\b/);
  });

  it('refuses files with secrets before anything is built from them', () => {
    expect(valuesOf(instructions, 'RUN').join('\n')).toContain('node dist/cli.js ci secrets');
  });

  it('copies only existing files', () => {
    for (const { value } of instructions.filter(
      ({ name, value }) => name === 'COPY' && !value.startsWith('--from='),
    )) {
      const sources = value.split(/\s+/).slice(0, -1);
      for (const source of sources) expect(existsSync(join(repositoryRoot, source)), source).toBe(true);
    }
    for (const [, script = ''] of read(`deploy/docker/${name}.dockerfile`).matchAll(
      /((?:deploy|scripts)\/\S+\.mjs)/g,
    ))
      expect(existsSync(join(repositoryRoot, script)), script).toBe(true);
  });
});

describe('both recipes', () => {
  it('have the same build stage, word by word', () => {
    const stageText = (name: string): string =>
      /FROM \$\{BASE_IMAGE\} AS build\n[\s\S]*?(?=\nFROM )/.exec(
        read(`deploy/docker/${name}.dockerfile`),
      )?.[0] ?? name;
    expect(stageText('serve')).toBe(stageText('train'));
  });

  it('start from the same image', () => {
    expect(recipe('serve')[0]).toEqual(recipe('train')[0]);
  });
});

describe('the serving image', () => {
  const instructions = recipe('serve');
  const last = instructions.at(-1)!.stage;

  it('chooses no model itself: version and digest have no default', () => {
    expect(valuesOf(instructions, 'ARG')).toContain('MODEL_VERSION');
    expect(valuesOf(instructions, 'ARG')).toContain('MODEL_DIGEST');
  });

  it('copies its model only from the stage that verified it, and predicts with it during the build', () => {
    const inLast = instructions.filter(({ stage }) => stage === last);
    expect(valuesOf(inLast, 'COPY')).toEqual(['--from=model /opt/veracity/models /opt/veracity/models']);
    expect(valuesOf(inLast, 'RUN').join()).toContain('"predict"');
    expect(valuesOf(instructions, 'RUN').join()).toContain('node deploy/docker/verify-model.mjs');
  });

  it('listens on all addresses, so that the server requires keys', () => {
    expect(valuesOf(instructions, 'ENV').join(' ')).toContain('VERACITY_HOST=0.0.0.0');
    expect(read('deploy/docker/serve.dockerfile')).not.toMatch(/--insecure|serve\.access/);
  });
});

describe('.dockerignore', () => {
  it('allows only listed files, so that no home with keys and articles gets into a build', () => {
    const lines = read('.dockerignore')
      .split('\n')
      .filter((line) => line !== '' && !line.startsWith('#'));
    expect(lines[0]).toBe('*');
    const allowed = lines.filter((line) => line.startsWith('!')).map((line) => line.slice(1));
    expect(allowed.filter((path) => path.includes('veracity') || path === '.git')).toEqual([]);
    for (const path of allowed) expect(existsSync(join(repositoryRoot, path)), path).toBe(true);
  });
});
