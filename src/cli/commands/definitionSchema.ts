import { definitionSchema } from '../../model/definition/schema.ts'
import { answer, define } from '../command.ts'

export const command = define({
  summary: 'Print the JSON Schema of berth.yaml, for editors',
  about:
    'Needs no server; a server has it at /api/berth.schema.json too. An editor that knows the YAML language server takes it\n' +
    'from the first line of a berth.yaml:  # yaml-language-server: $schema=.berth.schema.json',
  examples: ['berth definition schema > .berth.schema.json'],
  run: async () => answer(definitionSchema, () => JSON.stringify(definitionSchema, undefined, 2).split('\n')),
})
