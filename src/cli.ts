#!/usr/bin/env node
// What the name `veracity` starts. scripts/bundle.mjs makes one program of it and all that it needs.
import { disableSchemaCompilation } from './foundation/core/index.ts';
import { runProcess } from './program/cli/index.ts';

disableSchemaCompilation();
await runProcess();
