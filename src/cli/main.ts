#!/usr/bin/env node
import { enableCompileCache } from 'node:module'
import { homedir } from 'node:os'
import { join } from 'node:path'

// Not in the shared temporary folder: what is cached there is run.
enableCompileCache(join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'berth', 'node'))

const { dispatch } = await import('./dispatch.ts')
process.exitCode = await dispatch(process.argv.slice(2), process.env, process.cwd())
