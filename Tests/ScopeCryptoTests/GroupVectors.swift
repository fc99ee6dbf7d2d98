// swift-format-ignore-file

/// Exponents of two sides, and the SHA-256 of the public values and of the shared secret that they give: computed
/// with Python, the MODP primes of RFC 2409 and RFC 3526 from the digits of pi.
enum GroupVectors {
    struct Vector: Sendable {
        var group: UInt16
        var exponents: [String]
        var publics: [String]
        var shared: String
    }

    static let all: [Vector] = [
        Vector(
            group: 1,
            exponents: [
                "ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb",
                "3e23e8160039594a33894f6564e1b1348bbd7a0088d42c4acb73eeaed59c009d",
            ],
            publics: [
                "b48aac4cb702b6b7a48dfa05ac389b055f35fc1fe3f66b89ea40a0282e11e3cc",
                "9038287936d76d1e54efc4c2a4aa4ddd71e61965f15c2adec3aeff019f3f9614",
            ],
            shared: "c3cf949943be335d3662020e28cd73fb3052012a0d0e1b945dab692861d15087"),
        Vector(
            group: 2,
            exponents: [
                "ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb",
                "3e23e8160039594a33894f6564e1b1348bbd7a0088d42c4acb73eeaed59c009d",
            ],
            publics: [
                "a29781772c9c72f25545256cc8fcf27628f49aa2a40402781f538be5b67865ab",
                "72c0fa9bdb954466a0616b9a0b08623f7205f790657824e9f48c0db4e65cb200",
            ],
            shared: "b02e3cfe078751f1ffebe8365cf58bf756128cb6240ff6e22fa3ac005c6e69ac"),
        Vector(
            group: 5,
            exponents: [
                "ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb",
                "3e23e8160039594a33894f6564e1b1348bbd7a0088d42c4acb73eeaed59c009d",
            ],
            publics: [
                "f70c689203d58b46060c6ab87e04794558a16d4e3e0e7da833d810f469276a83",
                "58ea0ec3c5696dee461622d63ae0e123b684064003cca68d42436d62fcae1f6a",
            ],
            shared: "156b79c0c65d8e5ce553ff0c0b64a9a0547c7451594674df966e1c873f0a9369"),
        Vector(
            group: 14,
            exponents: [
                "ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb",
                "3e23e8160039594a33894f6564e1b1348bbd7a0088d42c4acb73eeaed59c009d",
            ],
            publics: [
                "af4c5fa94ec002005abfc26f7e982ebcb4193c283a60c8ecfb29fd257300409e",
                "f25692acb7cbad5058afea866c9331221a15945f2e832852904348a1f13b953e",
            ],
            shared: "7bcb0c0a950e1efa165416a3b93b7b1265a446de85a802ded1247cd6b42f6b28"),
        Vector(
            group: 15,
            exponents: [
                "ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb",
                "3e23e8160039594a33894f6564e1b1348bbd7a0088d42c4acb73eeaed59c009d",
            ],
            publics: [
                "23361453381d8a667958a2df1bca0d5ec06745e19d6613a0e57ef66a40f2d738",
                "77b2c7adb0c30464d01bba98d1b7f5d436861d92500cab6900061f00572324f7",
            ],
            shared: "e91be9725b6cf5aa1a5d8182a0e63f5a6722ce0cd43969d68dca1c27902ded91"),
        Vector(
            group: 16,
            exponents: [
                "ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb",
                "3e23e8160039594a33894f6564e1b1348bbd7a0088d42c4acb73eeaed59c009d",
            ],
            publics: [
                "a2f1944136e9fb412dad22f076c1b30e475f5e7bbfb5285c1010fcb07aaf00d8",
                "557781aa33dc55a5f5596088b2ea3554784f68aa975945d05bbedef912bc94ee",
            ],
            shared: "438536add5fe665734e7541840491e2d69fa72c0ff4b767acb38bbd319aa8617"),
        Vector(
            group: 17,
            exponents: [
                "ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb",
                "3e23e8160039594a33894f6564e1b1348bbd7a0088d42c4acb73eeaed59c009d",
            ],
            publics: [
                "a4746693dcb4310ef82e58d48f7f3f5aca390e6eee768d8549a3010f481ad722",
                "8e030f20e7ab562d3c868db6fdebcf301d6c669d0cd236b445b87db0da95711f",
            ],
            shared: "a1fe19cec4bb2ed977e9d355f64b3266ab00bdee0946c20ec831a69e9b91767b"),
        Vector(
            group: 18,
            exponents: [
                "ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb",
                "3e23e8160039594a33894f6564e1b1348bbd7a0088d42c4acb73eeaed59c009d",
            ],
            publics: [
                "576e9413e19caeaa38a257da2f425e7d8661204ccae3dcd26e4e5a1b605f1aa8",
                "307e33076ef30acb83bbf81680f31adff230e364fc8344672621c1c456072282",
            ],
            shared: "bac6adfbc7efea7fab76c6141d3a63a3e4601f29b974b42d795bf225dcdee227"),
        Vector(
            group: 19,
            exponents: [
                "00978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb",
                "0023e8160039594a33894f6564e1b1348bbd7a0088d42c4acb73eeaed59c009d",
            ],
            publics: [
                "21918bb923a95eb937732b24f44084e1074b58f68d2294fae2714b6526e4c40a",
                "3fb9ab07e7a58b5b4aab9ecb467119e2dda19f42c3416dbb638c906478964427",
            ],
            shared: "d843e6ab189446727c41aebc805b102eb324f40037b119d2bf3811df7b6c0744"),
        Vector(
            group: 20,
            exponents: [
                "00000000000000000000000000000000ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb",
                "000000000000000000000000000000003e23e8160039594a33894f6564e1b1348bbd7a0088d42c4acb73eeaed59c009d",
            ],
            publics: [
                "97b02954d56b2459f77b6b39b5647de1956749c87ba1b7996d5df0e2f080b55a",
                "522e6acdea423d188acd3d9b8ba4f125c23b1d51085ce7d255d36b7d6c7fbd45",
            ],
            shared: "31f08b0d85d8a3479651da1a0cf53262f04a954808c4658450447505bc817847"),
        Vector(
            group: 21,
            exponents: [
                "00000000000000000000000000000000000000000000000000000000000000000000ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb",
                "000000000000000000000000000000000000000000000000000000000000000000003e23e8160039594a33894f6564e1b1348bbd7a0088d42c4acb73eeaed59c009d",
            ],
            publics: [
                "4d9214eaa0dee5f4275f5e094df5d8e15529e1d5f6713d71da3d00ccc0effa3d",
                "d29d01581e2396d0b67b3d1b953bbfa02dbb1f68f14b879e7b1ef0b8d6aafa02",
            ],
            shared: "7382f7f92993cf35fb52c9f437d02f20325205df5820f1332d9068cbb8f4db89"),
        Vector(
            group: 22,
            exponents: [
                "ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb",
                "3e23e8160039594a33894f6564e1b1348bbd7a0088d42c4acb73eeaed59c009d",
            ],
            publics: [
                "e4fec14c84bed969057681b12e02fee179ca0abb76ae854c81b2345ac98ff61b",
                "3f937a0e2dfb1328cf7b508df923df637551f0a8d89f715f05ea33460d079c3f",
            ],
            shared: "7c03542af3af4e194e5e2138df3ba8bbeda4cabfa0337bf38954750ddcf0eba1"),
        Vector(
            group: 23,
            exponents: [
                "ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb",
                "3e23e8160039594a33894f6564e1b1348bbd7a0088d42c4acb73eeaed59c009d",
            ],
            publics: [
                "5254e4d1c9f3c3829e454ac0e98fbdf9b82adcb22f04a218025f53fc7a215bc5",
                "bd09cef928cb46ca8a571ec5aa4c2536cca545b018738083ae6187118e1a5831",
            ],
            shared: "9b10a53417c2b146eb8d39b46f97237f0ad7479c0fcae37a215ff8d0f1129012"),
        Vector(
            group: 24,
            exponents: [
                "ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb",
                "3e23e8160039594a33894f6564e1b1348bbd7a0088d42c4acb73eeaed59c009d",
            ],
            publics: [
                "dbace967228367fe10c3548586abed362535469060dde673389c5826c1ed89ad",
                "745043cf56f0adc22563b260164cb1a8cce02c382d4345b4f8bfa7766e68489b",
            ],
            shared: "0ba9956962b2f860527236f286a6e8d7c976fe6c6e7f0821d45c71ad49c40ec5"),
        Vector(
            group: 25,
            exponents: [
                "00c231b39a23dc4da786eff8147c4e72b9807785afee48bb",
                "00894f6564e1b1348bbd7a0088d42c4acb73eeaed59c009d",
            ],
            publics: [
                "04c51cf6d9b01efe17b3d43af19fca26d78b982529eb18960e851e437984364f",
                "f15ee45d638568b8eb5e3c28390dc971102ff532ff3d7c8c4e03dd7fd3aac4b0",
            ],
            shared: "c759a42f34d2817fa2eae03d4f2c39638d06585873aeffd7bddea5d4d2eb8279"),
        Vector(
            group: 26,
            exponents: [
                "001bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb",
                "0039594a33894f6564e1b1348bbd7a0088d42c4acb73eeaed59c009d",
            ],
            publics: [
                "60ddd1b1f49869b581bc2085e720bc6b65cea3f72e4622e96faffc3a354e199e",
                "9a239d58705e5bc23b9ad713e365826c60a0d0678fc9937401b492ae2c184d19",
            ],
            shared: "cd23819ce3d6bb07bcef383e0605642a54c39230b0491a1b05afafb07fafb11b"),
        Vector(
            group: 28,
            exponents: [
                "00978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb",
                "0023e8160039594a33894f6564e1b1348bbd7a0088d42c4acb73eeaed59c009d",
            ],
            publics: [
                "def38f6cafc1a4279b9877e709e5dd1723aba66070e30f1bc366c492fc111e25",
                "4208910129c398800f712873448311287e9f4ebe0a74b41c30fa2a62fe6fbf0d",
            ],
            shared: "a483f2584c32778c8032eb3dce7ad2f765d3a83971127a4a5e36664ea64e8cb0"),
        Vector(
            group: 29,
            exponents: [
                "00000000000000000000000000000000ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb",
                "000000000000000000000000000000003e23e8160039594a33894f6564e1b1348bbd7a0088d42c4acb73eeaed59c009d",
            ],
            publics: [
                "4173b9d1d817211e819c86578d913f3f8d92159cd613a73a891d11621e94660e",
                "085a3167dd5ab1ede605aeac28045313edb7d4bba68875a789e1761cdff9c145",
            ],
            shared: "fd33a7f7cb5a6c1cb3520d6f3d1c72391a048330f2119de437d45cc54149e44d"),
        Vector(
            group: 30,
            exponents: [
                "0000000000000000000000000000000000000000000000000000000000000000ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb",
                "00000000000000000000000000000000000000000000000000000000000000003e23e8160039594a33894f6564e1b1348bbd7a0088d42c4acb73eeaed59c009d",
            ],
            publics: [
                "4cb077a0bb7f329fdc97d12e9584bedef3bb3f5b2c14a6383a763664e8a7091f",
                "b5f5785e4a73df5f4e9ab0de170ac04be98ad1195e6c745c5bbeb1af6ddd485a",
            ],
            shared: "1e8e024cb413d4c23e1a1a5d07b04669c81359ffdf0328ce6260f3b78e2a8efd"),
        Vector(
            group: 31,
            exponents: [
                "1f40fc92da241694750979ee6cf582f2d5d7d28e18335de05abc54d0560e0f53",
                "5267768822ee624d48fce15ec5ca79cbd602cb7f4c2157a516556991f22ef8c7",
            ],
            publics: [
                "d6db1fb035d0793f6d4087822617d95357003c39cb8a63cda7291f24a6286af2",
                "40ac0c1c00205574da9cf28335e163b16d9b08a99555f1a1814f64ee5f259bc6",
            ],
            shared: "348662ba6f262e18b95cfdc2a94115672c2a88ddaf9658b5ba0abaebb409decf"),
        Vector(
            group: 32,
            exponents: [
                "1f40fc92da241694750979ee6cf582f2d5d7d28e18335de05abc54d0560e0f5302860c652bf08d560252aa5e74210546f369fbbbce8c12cf",
                "5267768822ee624d48fce15ec5ca79cbd602cb7f4c2157a516556991f22ef8c7b5ef7b18d1ff41c59370efb0858651d44a936c11b7b144c4",
            ],
            publics: [
                "9598613935607a7127b3c9ef7ed0ed59fa0a7623034a2ebdf63e3ec09fbb3ec0",
                "148178c0597f7e737a70d465641b54932f32dd222df9362002ea9ea2631df5e6",
            ],
            shared: "ebea33c4c0a879014a85a1337961744defcea4cce7c4155b88e25bc29eec8b57"),
    ]
}
