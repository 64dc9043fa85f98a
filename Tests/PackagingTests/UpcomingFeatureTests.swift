import Testing

@Suite("Language features")
struct UpcomingFeatureTests {
    /// The compiler ignores a misspelt feature without a word, so the manifest's settings are checked where they take effect.
    @Test("The upcoming features that the manifest asks for are really on")
    func areOn() {
        var missing: [String] = []
        #if !hasFeature(ExistentialAny)
        missing.append("ExistentialAny")
        #endif
        #if !hasFeature(MemberImportVisibility)
        missing.append("MemberImportVisibility")
        #endif
        #if !hasFeature(InternalImportsByDefault)
        missing.append("InternalImportsByDefault")
        #endif
        #if !hasFeature(NonisolatedNonsendingByDefault)
        missing.append("NonisolatedNonsendingByDefault")
        #endif
        #expect(missing.isEmpty, "not on: \(missing)")
    }
}
