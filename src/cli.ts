#!/usr/bin/env node
// The entry of the program `veracity`. scripts/bundle.mjs bundles it with everything it needs.
import { disableSchemaCompilation } from './foundation/core/index.ts';
import { runProcess } from './program/cli/index.ts';

disableSchemaCompilation();
await runProcess();
