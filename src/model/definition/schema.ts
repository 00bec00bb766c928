import { berthShape } from './berthShape.ts'
import type { Schema } from './read.ts'

/** The JSON Schema of berth.yaml, made of its readers; an empty file is fine too. */
export const definitionSchema: Schema = {
  $schema: 'http://json-schema.org/draft-07/schema#',
  title: 'berth.yaml',
  description: 'How Berth builds and runs this repository',
  ...berthShape.schema,
  type: ['object', 'null'],
}
