import ScopeCrypto

/// PSKs and exponents of the lab's runs that the corpus was made of: made up for the lab, they protect nothing.
enum LabKeys {
    /// Decoded once; its secrets are only read.
    static nonisolated(unsafe) let file = Result { try KeyFile(bytes: Array(text.utf8), path: "lab") }

    private static let text = """
        {"schema": "ikescope.keys/1",
         "psk": [{"peer": "*", "key": "cisco123-LabKey!"},
                 {"peer": "*", "key": "GroupSecret9"},
                 {"peer": "*", "key": "wonderland"}],
         "dh": [
            {"group": 2, "private": "\
        5601b3e7d8bd12266fe6bd3d7dd0c6e473b8a7643aa81f7d804253ae7ca5a74a81690ca00ae5573c4850c5747cad9203\
        2f1431a4d7d0e7fedaa576ac3b079e36eff249d83495e625d682d148ea339892c14ad7956aa2e12944e7a876c0b4b247\
        695f8e0d70cd466a934fcc1eefca0bedb77e619101c089401c88d9ab1503a501"},
            {"group": 2, "private": "\
        2570cb03d4edd715e758c416b4e153fd562c56e78c925bd9dc4ba6d201a017cbf5e732a5da06a96ae09c7cab7feda1eb\
        baefb1d1dcae41e11336f2749875e16d073aee09ba8b3c0c3d306b0c65041d7217026d6107e9b129999c03f07138245e\
        36a3dfc037015725be8cd7261f9f5ab64ae0169cfff090d4d410cb587228bb02"}
         ]}
        """
}
