/**
 * What the bench app answers. The app and the checks of the clients share these functions, so that a client that loses, repeats
 * or reorders anything is found out.
 */

export const echoInput = (call: number): string => `call number ${call}`

export const echoAnswer = (input: string): string => `heard: ${input}`

/** What the generator yields at `step`, counted from 0. */
export const stepAnswer = (step: number): string => `step ${step + 1}`

/** A piece of the growing text, always 20 characters. */
export const textPiece = (step: number): string => `${String(step).padStart(8, "0")} some words `

export const pieceLength = 20

export const fileAnswer = (size: number, crc: number): string => `${size} bytes, crc ${crc}`

export class WrongAnswerError extends Error {
  override readonly name = "WrongAnswerError"
}

const shown = (value: unknown): string => {
  const text = JSON.stringify(value) ?? String(value)
  return text.length > 120 ? `${text.slice(0, 120)}…` : text
}

/** One output value that must be exactly `expected`. */
export const checkSingle = (output: unknown, expected: string): void => {
  const value: unknown = Array.isArray(output) && output.length === 1 ? output[0] : undefined
  if (value !== expected) throw new WrongAnswerError(`expected [${shown(expected)}], got ${shown(output)}`)
}

/**
 * The outputs of a generator: every one, in order. The last may come twice, because a client may show the completion, which
 * carries the last value again, as an output of its own.
 */
export class OutputsCheck {
  private seen = 0
  private repeated = 0

  private readonly total: number
  private readonly isStep: (value: unknown, step: number) => boolean

  constructor(total: number, isStep: (value: unknown, step: number) => boolean) {
    this.total = total
    this.isStep = isStep
  }

  see(output: unknown): void {
    const value: unknown = Array.isArray(output) && output.length === 1 ? output[0] : undefined
    if (this.seen < this.total && this.isStep(value, this.seen)) {
      this.seen += 1
    } else if (this.seen === this.total && this.repeated === 0 && this.isStep(value, this.total - 1)) {
      this.repeated += 1
    } else {
      throw new WrongAnswerError(`output ${this.seen + 1} of ${this.total} is ${shown(output)}`)
    }
  }

  end(): void {
    if (this.seen !== this.total) throw new WrongAnswerError(`expected ${this.total} outputs, got ${this.seen}`)
  }
}

export const stepsCheck = (total: number): OutputsCheck =>
  new OutputsCheck(total, (value, step) => value === stepAnswer(step))

export const fullText = (pieces: number): string => {
  let text = ""
  for (let step = 0; step < pieces; step++) text += textPiece(step)
  return text
}

/** Every output is looked at by its length, as a program that shows a growing text does; the last one is read in full. */
export const textCheck = (total: number): OutputsCheck => {
  const full = fullText(total)
  return new OutputsCheck(total, (value, step) =>
    step === total - 1 ? value === full : typeof value === "string" && value.length === (step + 1) * pieceLength
  )
}
