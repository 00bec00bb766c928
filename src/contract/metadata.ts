import { z } from 'zod'
import { endpoint } from './endpoint.ts'
import { AppName, labelled } from './fields.ts'
import { Operation } from './operations.ts'

export const MetadataText = z.string().max(65_536, 'is larger than 64 KiB').describe('YAML, as for uPaaS')

export const Metadata = z.object({
  text: z.string().nullable(),
  /** What was understood but is not done. */
  warnings: z.array(z.string()),
})

const one = z.strictObject({ app: AppName })

export const showMetadata = endpoint({
  method: 'GET',
  path: '/apps/:app/metadata',
  summary: "An app's metadata of uPaaS, as they were written",
  access: 'app:configure',
  params: one,
  returns: Metadata,
})

export const setMetadata = endpoint({
  method: 'PATCH',
  path: '/apps/:app/metadata',
  summary: 'Give an app metadata of uPaaS, or with null take them away; what runs stays until the next deploy',
  access: 'app:configure',
  params: one,
  body: z.strictObject({ text: MetadataText.nullable() }),
  returns: Metadata,
})

export const deployMetadata = endpoint({
  method: 'POST',
  path: '/apps/:app/metadata/deploys',
  summary: 'Deploy what the repository commands of its metadata fetch; `fresh` takes nothing from earlier builds',
  access: 'app:deploy',
  params: one,
  body: z.strictObject({ message: labelled('message').prefault('from metadata'), fresh: z.boolean().default(false) }),
  returns: Operation,
})
