#!/usr/bin/env node
// What the name `veracity` starts. scripts/bundle.mjs makes one program of it and all that it needs.
import './core/plain-schemas.ts';
import { runProcess } from './cli/run-process.ts';

await runProcess();
