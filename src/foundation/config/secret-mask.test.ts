import { describe, expect, test } from 'vitest';
import { formatConfigWithOrigins, listOrigins } from './config-format.ts';
import { createNode, type MapNode, toPlain } from './config-node.ts';
import { maskSecrets } from './secret-mask.ts';

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
