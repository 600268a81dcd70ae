import { describe, expect, test } from 'vitest';
import { formatConfigWithOrigins, listOrigins } from './config-format.ts';
import { createNode, type MapNode, toPlain } from './config-node.ts';
import { isSecretName, maskArgument, maskSecrets, maskText } from './secret-mask.ts';

const SECRET = 'kanarienvogel';
const origin = { kind: 'command line', override: `a.password=${SECRET}` } as const;

describe('a printed configuration', () => {
  test('masks every secret, found by its name or in an address', () => {
    const root = createNode(
      {
        a: { password: SECRET, max_tokens: 5, token: null, api_key: '', tokens: [SECRET.length] },
        credentials: [SECRET, { deeper: 1 }],
        tracker: `https://user:${SECRET}@tracker.example/path`,
        plain: 'https://tracker.example:8080/a@b',
      },
      origin,
    );
    expect(toPlain(maskSecrets(root))).toEqual({
      a: { password: '***', max_tokens: 5, token: null, api_key: '', tokens: [SECRET.length] },
      credentials: ['***', { deeper: 1 }],
      tracker: 'https://user:***@tracker.example/path',
      plain: 'https://tracker.example:8080/a@b',
    });
  });

  test('does not repeat a secret in the origin of its value', () => {
    const root = createNode({ a: { password: SECRET } }, origin) as MapNode;
    const printed = formatConfigWithOrigins({ entry: 'serve', searchPath: [], root, choices: new Map() });
    expect(printed).toMatch(/password: .*\*\*\*.*command line: a\.password=\*\*\*/);
    expect(printed + JSON.stringify(listOrigins(root))).not.toContain(SECRET);
  });
});

describe('a recorded command, variable or change of code', () => {
  test('masks secrets in arguments, whatever stands before their names', () => {
    const masked = [
      `tracker.password=${SECRET}`,
      `+tracker.api_key=${SECRET}`,
      `--access-key=${SECRET}`,
      `tracker={password: ${SECRET}}`,
      `data.path=https://user:${SECRET}@host/a.csv`,
    ].map(maskArgument);
    expect(masked.join(' ')).not.toContain(SECRET);
    expect(masked[0]).toBe('tracker.password=***');
    expect(maskArgument('model.max_tokens=5')).toBe('model.max_tokens=5');
  });

  test('masks what is assigned to a secret name in a line of source code', () => {
    const text = `+const apiKey = "${SECRET}";\n+  password: ${SECRET}\n-API_KEY=${SECRET}\n maxTokens: 5\n+token: 3`;
    expect(maskText(text)).not.toContain(SECRET);
    expect(maskText(text)).toContain(' maxTokens: 5\n+token: 3');
  });

  test('stays quick on a line that is one long word', () => {
    const startMs = performance.now();
    maskText('secret'.repeat(50_000));
    expect(performance.now() - startMs).toBeLessThan(20_000); // minutes, if each letter began a search
  });

  test('knows the names of variables that hold secrets', () => {
    expect(['HF_TOKEN', 'VERACITY_API_KEY', 'PGPASSWORD', 'VERACITY_HOME'].map(isSecretName)).toEqual([
      true,
      true,
      true,
      false,
    ]);
  });
});
