import { readSchemaFile } from '../model/definition/schemaFile.ts'
import { Runtime } from './schema.ts'
import { valueProblem } from './values.ts'

/** A runtime from the text of its file. Throws DEFINITION with file, line and column. */
export const readRuntime = (file: string, text: string): Runtime =>
  readSchemaFile(file, text, {
    what: 'a runtime',
    schema: Runtime,
    problem: valueProblem,
    foreign: { template: 'this is a runtime of Upscale; put it into repositories as .upscale/runtime.yaml' },
  })
