// The workflows for GitHub Actions that come with the package, written into the user's repository.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { makeFolder, packageRoot, writeFileAtomic } from '../../foundation/core/index.ts';
import type { WorkflowContext } from '../context/index.ts';

export interface WrittenWorkflow {
  /** Below the working directory. */
  readonly path: string;
  /** kept: another content was there. */
  readonly status: 'written' | 'unchanged' | 'kept';
}

/** @throws SYSTEM_REFUSED, DISK_FULL */
export function writeWorkflows(replaces: boolean, { workingDirectory }: WorkflowContext): WrittenWorkflow[] {
  const templates = join(packageRoot, 'templates', 'workflows');
  const folder = join('.github', 'workflows');
  makeFolder(join(workingDirectory, folder));
  return readdirSync(templates)
    .sort()
    .map((name) => {
      const path = join(folder, name);
      const target = join(workingDirectory, path);
      const content = readFileSync(join(templates, name), 'utf8');
      const there = existsSync(target) ? readFileSync(target, 'utf8') : null;
      if (there === content) return { path, status: 'unchanged' };
      if (there !== null && !replaces) return { path, status: 'kept' };
      writeFileAtomic(target, content);
      return { path, status: 'written' };
    });
}
