// Schemas of what the studio's routes say about the registry and about lineage. test/serve/client.test.ts compares them
// with the client's types.
import { z } from 'zod';
import { stageNames } from '../../foundation/records/index.ts';
import { figureListSchema } from './run-schemas.ts';

const stageSchema = z.enum(stageNames);

export const registryVersionSchema = z
  .object({
    name: z.string(),
    version: z.int(),
    reference: z.string().meta({ description: 'NAME@VERSION' }),
    createdAt: z.string(),
    runId: z.string(),
    datasetVersion: z.string(),
    synthetic: z.boolean(),
    parameterCount: z.int(),
    sizeBytes: z.int(),
    stages: z.array(stageSchema),
    evaluations: figureListSchema,
  })
  .meta({ id: 'RegistryVersion' });
export type ServedRegistryVersion = z.infer<typeof registryVersionSchema>;

export const stageChangeSchema = z
  .object({
    createdAt: z.string(),
    stage: stageSchema,
    version: z.int().nullable().meta({ description: 'null: the stage was emptied.' }),
    action: z.enum(['promote', 'rollback']),
    forced: z.boolean(),
    note: z.string().meta({ description: 'What the program noted, such as the result of the gate.' }),
    reason: z.string().nullable().meta({ description: 'What the person gave as the reason.' }),
  })
  .meta({ id: 'StageChangeFacts' });

export const registryFoundSchema = z
  .object({
    versions: z.array(registryVersionSchema).meta({ description: 'By name, then number.' }),
    damaged: z.array(z.object({ reference: z.string(), code: z.string(), message: z.string() })),
    served: z.string().nullable().meta({ description: 'NAME@VERSION that is used where no model is named.' }),
    undecided: z
      .array(z.string())
      .meta({ description: 'Versions in production of which a person has to choose the default.' }),
  })
  .meta({ id: 'RegistryFound' });
export type ServedRegistry = z.infer<typeof registryFoundSchema>;

export const registeredNameSchema = z
  .object({
    name: z.string(),
    versions: z.array(registryVersionSchema),
    history: z.array(stageChangeSchema).meta({ description: 'Oldest first.' }),
    rollbackTo: z
      .int()
      .nullable()
      .meta({ description: 'The version that a rollback would put back into production; null: none.' }),
  })
  .meta({ id: 'RegisteredName' });
export type ServedName = z.infer<typeof registeredNameSchema>;

const reason = z.string().max(1000).regex(/[^\s]/).meta({ description: 'Why; kept with the change.' });

export const promotionRequestSchema = z
  .strictObject({
    version: z.int().min(1),
    stage: stageSchema,
    reason,
    force: z.boolean().optional().meta({ description: 'Although it is worse or cannot be compared.' }),
    default: z.boolean().optional().meta({
      description:
        'Whether this name is used where no model is named; needed where another one is in production.',
    }),
  })
  .meta({ id: 'PromotionRequest' });

export const rollbackRequestSchema = z.strictObject({ reason }).meta({ id: 'RollbackRequest' });

export const stageChangedSchema = z
  .object({
    change: stageChangeSchema,
    previous: z.int().nullable(),
    served: z.string().nullable(),
    needsRestart: z
      .boolean()
      .meta({ description: 'Servers that run now keep the version before: the classes differ.' }),
  })
  .meta({ id: 'StageChanged' });
export type ServedStageChange = z.infer<typeof stageChangedSchema>;

export const lineageSchema = z
  .object({
    id: z.string(),
    nodes: z.array(
      z.object({
        id: z.string().meta({
          description:
            'md5:…, ds-…, run-…, commit:…, NAME@VERSION, NAME@STAGE, live, feedback:…, NAME@VERSION/TESTSET or the id of a prediction.',
        }),
        kind: z.enum([
          ...(['file', 'dataset', 'pretrained', 'commit', 'run', 'sweep', 'model'] as const),
          ...(['deployment', 'prediction', 'evaluation', 'feedback'] as const),
        ]),
        label: z.string(),
        createdAt: z.string().nullable(),
        facts: z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()])),
        missing: z
          .boolean()
          .meta({ description: 'It is named by another record, and is not there any more.' }),
      }),
    ),
    edges: z.array(z.object({ from: z.string(), to: z.string() })),
  })
  .meta({ id: 'LineageGraph' });
export type ServedLineage = z.infer<typeof lineageSchema>;
