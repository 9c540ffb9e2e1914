/**
 * What a machine has that decides how fast workers are there, and whether its GPU computes what the processor does. Start
 * at {@link io.github.finetide.deploy.doctor.DoctorCommand}.
 */
@NullMarked
package io.github.finetide.deploy.doctor;

import org.jspecify.annotations.NullMarked;
