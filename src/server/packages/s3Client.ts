import { setTimeout as sleep } from 'node:timers/promises'
import { AwsClient } from 'aws4fetch'
import { refusal } from '../../model/refusal.ts'
import { inXml, reasonOfAnswer, reasonOfFailure } from './s3Errors.ts'

export type S3Place = {
  readonly url: string
  readonly region: string
  readonly bucket: string
  readonly user: string
  /** Read each time: one that was corrected counts at once. */
  readonly secret: () => Promise<string>
}

type Ask = {
  readonly method: 'GET' | 'HEAD' | 'PUT' | 'POST' | 'DELETE'
  readonly key: string
  readonly query?: Readonly<Record<string, string>>
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: Uint8Array<ArrayBuffer> | string
  readonly signal?: AbortSignal | undefined
  /** Statuses besides the good ones that are an answer and no failure. */
  readonly accepts?: readonly number[]
}

export type S3 = ReturnType<typeof s3Client>

const tries = 4
const patienceMs = 2 * 60 * 1000

/** The few calls of S3 that packages need. Keys are plain: letters, digits, `.`, `_`, `-` and `/`. */
export function s3Client(place: S3Place) {
  const ask = (what: Ask) => answered(place, what)
  return {
    /** Its size; undefined where there is none, or where we may not know. */
    async size(key: string, signal?: AbortSignal): Promise<number | undefined> {
      const response = await ask({ method: 'HEAD', key, signal, accepts: [403, 404] })
      return response.ok ? Number(response.headers.get('content-length')) : undefined
    },

    async put(key: string, body: string): Promise<void> {
      await done(await ask({ method: 'PUT', key, body }))
    },

    /** From that byte on, of the object with that tag; the tag comes with the first answer. */
    get: (key: string, { from, tag, signal }: { from: number; tag: string; signal: AbortSignal }) =>
      ask({
        method: 'GET',
        key,
        signal,
        headers: { ...(from > 0 && { range: `bytes=${from}-` }), ...(tag && { 'if-match': tag }) },
      }),

    async remove(key: string): Promise<void> {
      await done(await ask({ method: 'DELETE', key, accepts: [404] }))
    },

    /** Gives the id of the upload. */
    async begin(key: string, signal: AbortSignal): Promise<string> {
      const text = await (await ask({ method: 'POST', key, query: { uploads: '' }, signal })).text()
      return inXml(text, 'UploadId') ?? failed(place, 'it began an upload without naming it')
    },

    /** Gives the part's tag, which the end of the upload needs. */
    async part(key: string, { id, number, body, signal }: Part): Promise<string> {
      const query = { partNumber: String(number), uploadId: id }
      const response = await done(await ask({ method: 'PUT', key, query, body, signal }))
      return response.headers.get('etag') ?? failed(place, 'it took a part without giving its tag')
    },

    /** S3 may say 200 first and find out afterwards that it cannot. */
    async complete(key: string, id: string, tags: readonly string[], signal: AbortSignal): Promise<void> {
      const parts = tags.map((tag, at) => `<Part><PartNumber>${at + 1}</PartNumber><ETag>${tag}</ETag></Part>`)
      const body = `<CompleteMultipartUpload>${parts.join('')}</CompleteMultipartUpload>`
      const text = await (await ask({ method: 'POST', key, query: { uploadId: id }, body, signal })).text()
      if (text.includes('<Error>')) failed(place, reasonOfAnswer(place, 500, text))
    },

    async abort(key: string, id: string): Promise<void> {
      await done(await ask({ method: 'DELETE', key, query: { uploadId: id }, accepts: [404, 405, 501] }))
    },
  }
}

export type Part = {
  readonly id: string
  readonly number: number
  readonly body: Uint8Array<ArrayBuffer>
  readonly signal: AbortSignal
}

/** Read to its end, for the connection to be used again. */
async function done(response: Response): Promise<Response> {
  await response.arrayBuffer()
  return response
}

const failed = (place: S3Place, reason: string): never => {
  throw refusal('UNAVAILABLE', `the package storage ${bucketOf(place)}`, reason)
}

export const bucketOf = ({ url, bucket }: S3Place) => `${url.replace(/\/$/, '')}/${bucket}`

/** What may pass by itself is tried again. */
async function answered(place: S3Place, what: Ask): Promise<Response> {
  for (let attempt = 1; ; attempt++) {
    const answer = await once(place, what)
    if ('response' in answer) return answer.response
    if (attempt === tries || !answer.passes) return failed(place, answer.reason)
    await sleep(250 * 2 ** attempt, undefined, what.signal ? { signal: what.signal } : {})
  }
}

type Answer = { readonly response: Response } | { readonly reason: string; readonly passes: boolean }

async function once(place: S3Place, what: Ask): Promise<Answer> {
  const { method, signal, accepts = [] } = what
  const late = method === 'GET' ? undefined : AbortSignal.timeout(patienceMs)
  const signals = [signal, late].filter((one) => one !== undefined)
  try {
    const request = await signed(place, what)
    const response = await fetch(request, { signal: AbortSignal.any(signals), redirect: 'manual' })
    if (response.ok || accepts.includes(response.status)) return { response }
    const { status } = response
    const reason = reasonOfAnswer(place, status, await response.text())
    return { reason, passes: status === 429 || (status >= 500 && status !== 501 && status !== 507) }
  } catch (error) {
    if (signal?.aborted) throw error
    return { reason: reasonOfFailure(place, late?.aborted ? 'it does not answer' : error), passes: true }
  }
}

async function signed(place: S3Place, { method, key, query, headers, body }: Ask): Promise<Request> {
  const client = new AwsClient({
    accessKeyId: place.user,
    secretAccessKey: await place.secret(),
    region: place.region,
    service: 's3',
  })
  const url = `${bucketOf(place)}/${key}${query ? `?${new URLSearchParams(query)}` : ''}`
  const content = await digestOf(body)
  return await client.sign(url, {
    method,
    headers: { ...headers, 'x-amz-content-sha256': content },
    ...(body !== undefined && { body }),
  })
}

/** So that what arrives is what was sent, over whatever it went. */
async function digestOf(body: Ask['body']): Promise<string> {
  const bytes = typeof body === 'string' ? Buffer.from(body) : (body ?? new Uint8Array())
  return Buffer.from(await crypto.subtle.digest('SHA-256', bytes)).toString('hex')
}
