package io.github.finetide.deploy.sample;

import java.awt.geom.Line2D;
import java.util.Locale;
import java.util.function.Consumer;

/** The kinds of dishes, the classes of the samples: the order is that of the labels. */
enum Dish {
    TOMATO_SOUP(b -> {
        b.disc(0, 0, 0.85, 0xc8321e);
        b.speckle(120, 0.8, 0.04, 0xe0603a);
        b.scatter(4, 0.45, at -> b.strand(at[0], at[1], 0.6, 0.07, 0xfff1dc));
        b.scatter(3, 0.4, at -> b.oval(at[0], at[1], 0.13, 0.06, b.between(0, 3), 0x3f8f2c));
    }),
    PEA_SOUP(b -> {
        b.disc(0, 0, 0.85, 0x7fa83a);
        b.speckle(200, 0.8, 0.06, 0x9cc452);
        b.scatter(9, 0.6, at -> b.box(at[0], at[1], 0.16, 0.16, b.between(0, 3), 0xd9a75a));
    }),
    FRIED_EGGS(b -> b.around(3, 0.42, at -> {
        b.blob(at[0], at[1], 0.42, 0.16, 0xfbf8ee);
        b.disc(at[0], at[1], 0.17, 0xf7b516);
        b.disc(at[0] - 0.05, at[1] - 0.05, 0.05, 0xffdf7a);
    })),
    PIZZA(b -> {
        b.blob(0, 0, 0.92, 0.03, 0xc98a45);
        b.blob(0, 0, 0.8, 0.04, 0xc23a1c);
        b.scatter(45, 0.72, at -> b.blob(at[0], at[1], 0.13, 0.3, 0xf3cf6b));
        b.scatter(11, 0.65, at -> b.disc(at[0], at[1], 0.12, 0xa3221a));
        b.scatter(8, 0.65, at -> b.ring(at[0], at[1], 0.06, 0.03, 0x2a2622));
    }),
    GREEN_SALAD(b -> {
        b.scatter(70, 0.75, at -> b.blob(at[0], at[1], b.between(0.1, 0.22), 0.35, 0x4c9a2a));
        b.scatter(40, 0.7, at -> b.blob(at[0], at[1], b.between(0.06, 0.15), 0.4, 0x86c440));
        b.scatter(6, 0.6, at -> b.disc(at[0], at[1], 0.1, 0xd8352a));
    }),
    SPAGHETTI(b -> {
        b.scatter(150, 0.45, at -> b.strand(at[0], at[1], 0.9, 0.035, 0xeccb72));
        b.blob(0, 0, 0.36, 0.2, 0xb5341c);
        b.speckle(60, 0.35, 0.06, 0x7c2413);
    }),
    RICE_AND_PEAS(b -> {
        b.blob(0, 0, 0.75, 0.1, 0xe9e4d6);
        b.scatter(420, 0.75, at -> b.oval(at[0], at[1], 0.055, 0.02, b.between(0, 3), 0xfaf7ee));
        b.scatter(45, 0.68, at -> b.disc(at[0], at[1], 0.05, 0x4fa033));
    }),
    SUSHI(b -> b.scatter(1, 0.08, start -> {
        for (int i = 0; i < 9; i++) {
            int row = i / 3;
            double x = start[0] + (i % 3 - 1) * 0.48;
            double y = start[1] + (row - 1) * 0.48;
            b.disc(x, y, 0.21, 0x16211c);
            b.disc(x, y, 0.17, 0xf6f3ea);
            b.disc(x, y, 0.075, i % 2 == 0 ? 0xf27a4b : 0x5fae4a);
        }
    })),
    DOUGHNUT(b -> {
        b.ring(0, 0, 0.82, 0.25, 0xb9793c);
        b.ring(0, 0, 0.74, 0.31, 0xf08cb4);
        int[] sprinkles = {0xffffff, 0x4ab7e0, 0xf9dc3b, 0x6dc04a};
        for (int color : sprinkles) {
            b.around(9, b.between(0.4, 0.65), at -> b.box(at[0], at[1], 0.1, 0.03, b.between(0, 3), color));
        }
    }),
    CHOCOLATE_CAKE(b -> {
        double turn = b.between(0, 6);
        b.wedge(0, 0, 1.5, 0.95, turn, 0x3a2014);
        b.wedge(0.05, 0.05, 1.1, 0.6, turn, 0x522e1c);
        b.scatter(40, 0.45, at -> b.box(at[0], at[1], 0.09, 0.03, b.between(0, 3), 0x25130b));
        b.blob(0, 0, 0.14, 0.2, 0xfff7ea);
        b.disc(0, 0, 0.08, 0xb3122b);
    }),
    BLUEBERRY_TART(b -> {
        b.disc(0, 0, 0.85, 0xd6a461);
        b.disc(0, 0, 0.72, 0x4a3f7f);
        b.scatter(110, 0.66, at -> {
            b.disc(at[0], at[1], 0.075, 0x3d4c94);
            b.disc(at[0], at[1], 0.025, 0x232a5c);
        });
    }),
    PANCAKES(b -> {
        b.blob(0.06, 0.06, 0.74, 0.03, 0xb87333);
        b.blob(0, 0, 0.7, 0.03, 0xd99a4e);
        b.blob(-0.05, -0.05, 0.66, 0.03, 0xe5ae63);
        b.scatter(5, 0.4, at -> b.strand(at[0], at[1], 0.8, 0.06, 0x8f4a12));
        b.box(0, 0, 0.24, 0.24, b.between(0, 3), 0xfdeb8f);
    }),
    FRENCH_FRIES(b -> {
        b.scatter(90, 0.6, at -> b.box(at[0], at[1], b.between(0.45, 0.75), 0.085, b.between(0, 3), 0xf2c13f));
        b.disc(0.5, 0.45, 0.2, 0xc41f1a);
    }),
    GRILLED_STEAK(b -> {
        b.oval(0, 0, 0.75, 0.52, 0.3, 0x6b3a26);
        b.speckle(160, 0.45, 0.05, 0x82503a);
        for (int i = -3; i <= 3; i++) {
            b.line(new Line2D.Double(i * 0.17 - 0.12, -0.36, i * 0.17 + 0.12, 0.36), 0.05, 0x2b1610);
        }
        b.scatter(4, 0.2, at -> b.strand(at[0] + 0.3, at[1] - 0.55, 0.35, 0.03, 0x2f6b2a));
    }),
    GRILLED_FISH(b -> {
        b.wedge(0.62, 0, -0.45, 0.5, 0, 0x7d98ab);
        b.oval(0, 0, 0.68, 0.28, 0, 0x8fb0c4);
        b.oval(0, 0.07, 0.6, 0.15, 0, 0xcfdfe8);
        b.scatter(60, 0.25, at -> b.ring(at[0] * 2, at[1], 0.05, 0.035, 0x6f8ea3));
        b.disc(-0.5, -0.05, 0.045, 0x101418);
        b.around(3, 0.62, at -> b.disc(at[0] * 0.6, at[1] > 0 ? 0.58 : -0.58, 0.14, 0xf5e03c));
    }),
    HAMBURGER(b -> {
        b.blob(0, 0, 0.82, 0.12, 0x6fb23a);
        b.blob(0, 0, 0.74, 0.05, 0x4a2718);
        b.box(0, 0, 1.08, 1.08, b.between(0, 3), 0xf6b62c);
        b.disc(0, 0, 0.62, 0xc67f3a);
        b.scatter(50, 0.5, at -> b.oval(at[0], at[1], 0.035, 0.02, b.between(0, 3), 0xfbeccb));
    }),
    BEETROOT_SALAD(b -> {
        b.scatter(26, 0.65, at -> {
            b.disc(at[0], at[1], 0.2, 0x8a1550);
            b.ring(at[0], at[1], 0.14, 0.11, 0xb53577);
        });
        b.scatter(14, 0.6, at -> b.box(at[0], at[1], 0.12, 0.1, b.between(0, 3), 0xfffaf2));
    }),
    WAFFLES(b -> b.around(2, 0.3, at -> {
        b.box(at[0], at[1], 0.95, 0.95, 0, 0xcf8f3c);
        for (int i = 0; i < 16; i++) {
            int row = i / 4;
            b.box(at[0] + (i % 4 - 1.5) * 0.22, at[1] + (row - 1.5) * 0.22, 0.13, 0.13, 0, 0x8d5518);
        }
    })),
    BLACK_BEANS(b -> {
        b.disc(0, 0, 0.8, 0x2a1c20);
        b.scatter(180, 0.74, at -> b.oval(at[0], at[1], 0.085, 0.05, b.between(0, 3), 0x1c1620));
        b.speckle(90, 0.7, 0.025, 0x8a8090);
        b.scatter(16, 0.6, at -> b.box(at[0], at[1], 0.11, 0.05, b.between(0, 3), 0xf28c1c));
    }),
    MUSHROOM_RISOTTO(b -> {
        b.blob(0, 0, 0.78, 0.08, 0xd8c39a);
        b.scatter(260, 0.74, at -> b.oval(at[0], at[1], 0.05, 0.025, b.between(0, 3), 0xe6d6b2));
        b.scatter(16, 0.62, at -> {
            b.oval(at[0], at[1], 0.16, 0.1, b.between(0, 3), 0x8b6a4c);
            b.box(at[0], at[1] + 0.1, 0.06, 0.14, 0, 0xb89a78);
        });
    });

    @SuppressWarnings("ImmutableEnumChecker") // the lambdas above keep nothing
    private final Consumer<Brush> picture;

    Dish(Consumer<Brush> picture) {
        this.picture = picture;
    }

    void draw(Brush brush) {
        picture.accept(brush);
    }

    /** {@code tomato soup}. */
    String title() {
        return name().toLowerCase(Locale.ROOT).replace('_', ' ');
    }
}
