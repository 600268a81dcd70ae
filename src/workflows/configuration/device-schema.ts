// The key `device` of both configurations.
import { z } from 'zod';

/** Device that runs the graphs; auto: the first accelerator that computes correctly and faster than the processor. */
export const deviceSchema = z.enum(['cpu', 'webgpu', 'cuda', 'coreml', 'dml', 'auto']);
