/** What the values of components are held as, and which are refused, each for the reason that stands beside it. */
import { type DateTime, Effect, Schema } from "effect"
import { Component, Endpoint, type GradioClient, type GradioFile } from "effect-gradio"
import { describe, expect, test } from "tstyche"

declare const app: GradioClient.GradioClient
declare const file: GradioFile.GradioFile

type Held<C extends { readonly output: Schema.Top }> = C["output"]["Type"]
type Taken<C extends { readonly input: Schema.Top }> = C["input"]["Type"]

describe("what values are held as", () => {
  test("texts and numbers are null where Gradio has None for them", () => {
    expect<Held<typeof Component.Textbox>>().type.toBe<string | null>()
    expect<Held<typeof Component.Number>>().type.toBe<number | null>()
    expect<Held<typeof Component.Slider>>().type.toBe<number | null>()
    expect<Held<typeof Component.Dataframe>>().type.toBe<Component.Table | null>()
    expect<Held<typeof Component.Gallery>>().type.toBe<ReadonlyArray<Component.GalleryItem>>()
    expect<Held<typeof Component.Checkbox>>().type.toBe<boolean>()
    expect<Held<typeof Component.CheckboxGroup>>().type.toBe<ReadonlyArray<string | number | boolean>>()
  })

  test("files are sent in any form and come as one", () => {
    expect<Taken<typeof Component.Image>>().type.toBe<GradioFile.GradioFile | Blob | Uint8Array | null>()
    expect<Held<typeof Component.Image>>().type.toBe<GradioFile.GradioFile | null>()
    expect<Held<typeof Component.Files>>().type.toBe<ReadonlyArray<GradioFile.GradioFile> | null>()
    expect<Taken<typeof Component.Image>>().type.not.toBeAssignableFrom<string>()
  })

  test("a part of a message is known by its type", () => {
    const said = (part: Component.ChatPart): string => {
      switch (part.type) {
        case "text":
          return part.text
        case "file":
          return part.file.name
        case "component":
          return part.component
      }
    }
    expect(said).type.toBeCallableWith({ type: "file", file } as const)
    expect<Component.ChatInput>().type.toBeAssignableFrom<{ role: "user"; content: string }>()
  })

  test("a plot is a picture or what it is drawn from", () => {
    const shown = (plot: Component.PlotValue) => (plot.type === "matplotlib" ? plot.image : plot.specification)
    expect(shown).type.toBe<(plot: Component.PlotValue) => GradioFile.GradioFile | Schema.Json>()
  })

  test("dates, choices and what an app demands", () => {
    expect(Component.dateTime({ timeZone: "UTC" }).Type).type.toBe<DateTime.DateTime | null>()
    expect(Component.choice(["a", 1]).Type).type.toBe<"a" | 1 | null>()
    expect(Component.choices(["a", "b"]).Type).type.toBe<ReadonlyArray<"a" | "b">>()
    expect(Component.suggestion(["a"]).Type).type.toBeAssignableFrom<string | number | boolean | null>()
    expect(Component.suggestions([1, true]).Type).type.toBeAssignableFrom<ReadonlyArray<string | number | boolean>>()
    expect(Component.slider({ minimum: 0 }).Type).type.toBe<number>()
    expect(Component.number({ minimum: 0 }).Type).type.toBe<number | null>()
  })
})

describe("values that are refused", () => {
  const look = Endpoint.make("/look", {
    input: Schema.Struct({
      image: Component.Image.input,
      table: Component.Dataframe.input,
      chat: Component.Chatbot.input,
      size: Component.Slider.input
    }),
    output: Schema.Tuple([Component.Gallery.output, Component.Label.output])
  })
  const table = { headers: ["a"], rows: [[1]] }

  test("as inputs", () => {
    expect(app.predict).type.toBeCallableWith(look, { image: file, table, chat: [], size: 1 })
    // @ts-expect-error Type 'string' is not assignable to type '
    app.predict(look, { image: "photo.png", table, chat: [], size: 1 })
    // @ts-expect-error 'data' does not exist in type 'Table'
    app.predict(look, { image: file, table: { headers: ["a"], data: [[1]] }, chat: [], size: 1 })
    // @ts-expect-error Type '"txt"' is not assignable to type '
    app.predict(look, { image: file, table, chat: [{ role: "user", content: [{ type: "txt", text: "" }] }], size: 1 })
    // @ts-expect-error Type 'null' is not assignable to type 'number'.
    app.predict(look, { image: file, table, chat: [], size: null })
    // @ts-expect-error Type 'boolean' is not assignable to type 'number'.
    Component.number({ minimum: true })
    // @ts-expect-error 'zone' does not exist in type 'DateTimeOptions'
    Component.dateTime({ zone: "UTC" })
    // @ts-expect-error Type '{}' is not assignable to type 'ChoiceValue'.
    Component.choice([{}])
  })

  test("as outputs", () => {
    const answer = app.predict(look, { image: file, table, chat: [], size: 1 })
    // @ts-expect-error Property 'image' does not exist on type 'GalleryItem<GradioFile>'.
    Effect.map(answer, ([gallery]) => gallery.map((item) => item.image))
    // @ts-expect-error 'label' is possibly 'null'.
    Effect.map(answer, ([, label]) => label.confidences)
  })
})
