import { z } from 'zod'
import { endpoint } from './endpoint.ts'
import { Done, Id, Instant, labelled } from './fields.ts'

export const Key = z.object({
  id: z.string(),
  name: z.string(),
  type: z.string(),
  fingerprint: z.string(),
  createdAt: Instant,
})

export const listKeys = endpoint({
  method: 'GET',
  path: '/keys',
  summary: 'Your SSH keys',
  access: 'signed-in',
  returns: z.array(Key),
})

export const addKey = endpoint({
  method: 'POST',
  path: '/keys',
  summary: 'Add an SSH public key of yours, as one line of an OpenSSH .pub file; the name defaults to its comment',
  access: 'signed-in',
  body: z.strictObject({
    key: z.string().max(16_384, 'is too long for a public key'),
    name: labelled('name').optional(),
  }),
  returns: Key,
})

export const removeKey = endpoint({
  method: 'DELETE',
  path: '/keys/:key',
  summary: 'Remove an SSH key of yours by its id',
  access: 'signed-in',
  params: z.strictObject({ key: Id }),
  returns: Done,
})
