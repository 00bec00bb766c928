import { z } from 'zod'
import { appName, envName, envValue, hostName, label, processName } from '../model/names.ts'
import { Refusal } from '../model/refusal.ts'

/** A string that a parser of the model takes; its refusal becomes the field's. */
export const parsed = <T>(parse: (raw: string) => T) =>
  z.string().transform((raw, context) => {
    try {
      return parse(raw)
    } catch (error) {
      if (!(error instanceof Refusal)) throw error
      context.addIssue({ code: 'custom', message: reasonOf(error) })
      return z.NEVER
    }
  })

/** Without the word that the parser has for the field: the field's path stands there already. */
const reasonOf = ({ code, message }: Refusal) =>
  code === 'INVALID' ? message.slice(message.indexOf(': ') + 2) : message

export const AppName = parsed(appName).describe('1 to 40 of a-z, 0-9 and single inner hyphens, a letter first')
export const ProcessName = parsed(processName).describe('a process of the app, like web')
export const EnvName = parsed(envName).describe('letters, digits and _, not starting with a digit')
export const EnvValue = parsed(envValue).describe('at most 64 KiB, no NUL byte')
export const HostName = parsed(hostName).describe('a host name, like blog.example.com')
export const labelled = (field: string) =>
  parsed((raw) => label(field, raw)).describe('one line of 1 to 80 printable characters')
export const TeamName = labelled('team')
export const UserName = labelled('user')

/** An id that the server made. */
export const Id = z.string().regex(/^[a-z0-9]{1,64}$/, 'must be an id, as a list shows it')

/** ISO 8601 in UTC. */
export const Instant = z.string()

/** A password is not trimmed and not looked into; the limit keeps hashing cheap. */
export const Password = z.string().min(1, 'must not be empty').max(1_000, 'is longer than 1000 characters')

export const NewPassword = Password.min(12, 'must have at least 12 characters')

/** A whole number in a query string. */
export const whole = (least: number, most: number) =>
  z
    .string()
    .regex(/^\d{1,15}$/, 'must be a whole number')
    .transform(Number)
    .pipe(z.number().min(least, `must be at least ${least}`).max(most, `must be at most ${most}`))

/** A whole number in a body. */
export const integer = (least: number, most: number) =>
  z.int(`must be a whole number from ${least} to ${most}`).min(least).max(most)

export const Flag = z.enum(['true', 'false'], { error: 'must be true or false' }).transform((text) => text === 'true')

/** Newest first; `before` goes on from the last one of the page before. */
export const limit = (most = 200) => whole(1, most).default(Math.min(50, most))

export const Done = z.object({ done: z.literal(true) })
