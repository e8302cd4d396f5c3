/** Certificates that sign themselves, made by `openssl`. */
import { execFile } from "node:child_process"
import * as fs from "node:fs/promises"
import * as path from "node:path"
import { promisify } from "node:util"

const execute = promisify(execFile)

export interface Certificate {
  readonly certFile: string
  readonly keyFile: string
  readonly cert: string
}

/** One for this machine and for `app.test`, written into the directory. */
export const makeCertificate = async (directory: string, name: string): Promise<Certificate> => {
  const certFile = path.join(directory, `${name}.pem`)
  const keyFile = path.join(directory, `${name}.key`)
  const key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-keyout", keyFile]
  const names = "subjectAltName=DNS:app.test,DNS:localhost,IP:127.0.0.1"
  const subject = ["-subj", `/CN=${name}`, "-days", "2", "-addext", names]
  await execute("openssl", ["req", "-x509", ...key, "-out", certFile, ...subject])
  return { certFile, keyFile, cert: await fs.readFile(certFile, "utf8") }
}
